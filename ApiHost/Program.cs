return await OrleansBilling.ApiHost.Startup.Commands.RunAsync(args);
