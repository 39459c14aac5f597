System.Console.WriteLine("The simulator has no world yet.");
