Console.WriteLine("hil-agent");
