using HilTests.Agent.Execution;
using HilTests.Agent.Probing;
using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.Agent;

/// <summary>Runs a program by hand, for a person in the machine's shell.</summary>
internal static class ProgramFile
{
    /// <summary>Runs the program of a file (<c>-</c>: standard input) and prints its trace as it grows.</summary>
    /// <returns>0 where it was run, whatever was seen; 2 where the file cannot be read; 1 where a step hangs</returns>
    public static int Run(string file)
    {
        try
        {
            var text = file == "-" ? Console.In.ReadToEnd() : File.ReadAllText(file);
            var program = ProgramText.Parse(text);
            return new ProgramRunner(KernelProbe.Take(), Console.Out.Write).Run(program, ProgramText.StepLines(text, program.Steps.Length)) ? 0 : 1;
        }
        catch (TextFormatException e)
        {
            Console.Error.WriteLine($"{file}:{e.Line}:{e.Column}: {e.Complaint}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"{file}: {e.Message}");
        }
        return 2;
    }
}
