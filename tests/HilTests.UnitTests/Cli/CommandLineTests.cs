using HilTests.Cli;

namespace HilTests.UnitTests.Cli;

/// <summary>Wrong usage is found before anything is started: exit code 2 and the near word.</summary>
[TestFixture, NonParallelizable]
public sealed class CommandLineTests
{
    [TestCase("run --kernal x", "did you mean --kernel?")]
    [TestCase("run --sed=5", "did you mean --seed?")]
    [TestCase("rum", "did you mean run?")]
    [TestCase("replay", "FILE")]
    [TestCase("judge", "TRACE")]
    [TestCase("replay a b", "")]
    [TestCase("run --machine cloud", "cloud")]
    [TestCase("run --accel fast", "fast")]
    [TestCase("run --seed minus", "minus")]
    [TestCase("run --programs -1", "--programs")]
    [TestCase("run --jobs 0", "--jobs")]
    [TestCase("run --jobs 2 --machine local", "--jobs")]
    [TestCase("run --time soon", "60s")]
    [TestCase("run --shrink-time soon", "30s")]
    [TestCase("run --time 5s --programs 3", "one of them")]
    [TestCase("run -q -v", "contradict")]
    [TestCase("run --ktap --json -", "standard output")]
    [TestCase("run vhost-nt", "did you mean vhost-net?")]
    [TestCase("run --device vhost", "vhost-net")]
    [TestCase("run /does/not/exist.hil", "/does/not/exist.hil")]
    [TestCase("run --kernel bokworm vhost-net", "did you mean bookworm?")]
    [TestCase("run --kernel /no/such/package.deb vhost-net", "no such file")]
    [TestCase("kernels fetch bokworm", "did you mean bookworm?")]
    [TestCase("judge /does/not/exist.trace", "/does/not/exist.trace")]
    [TestCase("nightly", "a matrix file is needed")]
    [TestCase("nightly /does/not/exist.yaml", "/does/not/exist.yaml")]
    [TestCase("nightly m.yaml --engine cloud", "cloud")]
    [TestCase("nightly --resume --dry-run", "give one of them")]
    [TestCase("bisect x.hil --good bookworm/1", "--bad")]
    [TestCase("bisect x.hil --good bookworm --bad sid --runs 0", "--runs")]
    public async Task Wrong_usage_is_exit_code_2(string line, string hint)
    {
        var (code, _, errors) = await InvokeAsync(line.Split(' '));
        Assert.That(code, Is.EqualTo(2), errors);
        Assert.That(errors, Does.Contain(hint));
    }

    [TestCase("run"), TestCase("replay"), TestCase("judge"), TestCase("shell"), TestCase("kernels"), TestCase("kernels fetch"), TestCase("doctor"), TestCase("nightly"), TestCase("nightly shard"), TestCase("bisect")]
    public async Task Help_shows_a_worked_example(string command)
    {
        var (code, output, errors) = await InvokeAsync([.. command.Split(' '), "--help"]);
        Assert.That((code, errors), Is.EqualTo((0, "")));
        Assert.That(output, Does.Contain($"Example:\n  hil {command}"));
    }

    [Test]
    public async Task A_program_with_a_mistake_is_shown_with_its_place()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "hil-program 1\nname x\ndevice vhost-net\nset-vring-num ring=0 nun=3\n");
            var (code, _, errors) = await InvokeAsync(["run", file]);
            Assert.That(code, Is.EqualTo(2));
            Assert.That(errors, Does.Match($"hil: {file}:4:[0-9]+: ").And.Contain("    set-vring-num ring=0 nun=3\n    ").And.Contain("^"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<(int Code, string Output, string Errors)> InvokeAsync(string[] arguments)
    {
        var (output, errors) = (Console.Out, Console.Error);
        using var newOutput = new StringWriter();
        using var newErrors = new StringWriter();
        try
        {
            Console.SetOut(newOutput);
            Console.SetError(newErrors);
            var code = await CommandLine.InvokeAsync(arguments, CancellationToken.None);
            return (code, newOutput.ToString(), newErrors.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(errors);
        }
    }
}
