Console.WriteLine("hil");
