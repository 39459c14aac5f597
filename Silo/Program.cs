return await OrleansBilling.Silo.SiloProgram.RunAsync(args);
