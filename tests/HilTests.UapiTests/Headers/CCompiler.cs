using System.Diagnostics;
using System.Text.RegularExpressions;

namespace HilTests.UapiTests.Headers;

/// <summary>The machine's C compiler, and what it says about one small program.</summary>
internal static partial class CCompiler
{
    private const string HowToInstall = "sudo apt-get install -y gcc libc6-dev linux-libc-dev";

    /// <summary>Where the headers of the project's own modules are.</summary>
    private static readonly string OwnHeaders = Path.Combine(AppContext.BaseDirectory, "headers");

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Compiles and runs a program.</summary>
    /// <returns>What it printed, line by line, or the numbers of the source lines that do not compile.</returns>
    public static (IReadOnlyList<string> Output, IReadOnlySet<int> BadLines, string Messages) Run(string source, params string[] options)
    {
        var folder = Directory.CreateTempSubdirectory("hil-uapi-");
        try
        {
            var file = Path.Combine(folder.FullName, "ask.c");
            var program = Path.Combine(folder.FullName, "ask");
            File.WriteAllText(file, source);
            var (exit, _, errors) = Start("gcc", ["-std=gnu11", "-w", "-fmax-errors=0", "-I", OwnHeaders, .. options, "-o", program, file]);
            if (exit != 0)
            {
                if (errors.Contains("No such file or directory", StringComparison.Ordinal))
                    Assert.Fail($"a header is missing; install it: {HowToInstall}\n{errors}");

                var bad = ErrorLine().Matches(errors).Select(m => int.Parse(m.Groups[1].Value)).ToHashSet();
                return ([], bad, errors);
            }

            var (status, output, complaint) = Start(program, []);
            Assert.That(status, Is.Zero, $"the compiled program failed: {complaint}");
            return (output.Split('\n', StringSplitOptions.RemoveEmptyEntries), new HashSet<int>(), "");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (int Exit, string Output, string Errors) Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            if (!process.WaitForExit(Limit))
            {
                process.Kill(entireProcessTree: true);
                Assert.Fail($"{program} did not end within {Limit.TotalSeconds} s");
            }

            return (process.ExitCode, output, errors.GetAwaiter().GetResult());
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Assert.Fail($"cannot start {program} ({e.Message}); install it: {HowToInstall}");
            throw;
        }
    }

    [GeneratedRegex(@"ask\.c:(\d+):\d+: error:")]
    private static partial Regex ErrorLine();
}
