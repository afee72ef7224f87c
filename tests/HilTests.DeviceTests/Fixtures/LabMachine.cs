using System.Runtime.CompilerServices;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Lab.Host;
using HilTests.Lab.Machines;

namespace HilTests.DeviceTests.Fixtures;

/// <summary>
/// One VM that a test fixture owns: booted when it is first used, gone with <see cref="DisposeAsync"/>. Installs what
/// the machine lacks, or says the command that does.
/// </summary>
/// <example>
/// <code>
/// private readonly LabMachine _lab = new();
/// [TearDown] public void Keep() => _lab.AttachOnFailure();
/// [OneTimeTearDown] public ValueTask Close() => _lab.DisposeAsync();
/// </code>
/// </example>
public sealed class LabMachine(MachineOptions? options = null) : IAsyncDisposable
{
    private readonly SemaphoreSlim _booting = new(1);
    private readonly List<Trace> _traces = [];
    private QemuMachine? _machine;

    /// <summary>The VM, booted by the first who asks.</summary>
    public async Task<QemuMachine> BootedAsync(CancellationToken cancellation)
    {
        await _booting.WaitAsync(cancellation);
        try
        {
            if (_machine is { Lost.IsCompleted: true }) await ReplaceAsync();
            if (_machine is not null) return _machine;
            Action<string> progress = options?.Progress ?? (line => TestContext.Progress.WriteLine(line));
            await HostRequirements.EnsureAsync(progress, cancellation);
            return _machine = await QemuMachine.StartAsync((options ?? new MachineOptions()) with { Progress = progress }, cancellation);
        }
        finally
        {
            _booting.Release();
        }
    }

    /// <summary>Runs one program.</summary>
    /// <returns>what was observed; a machine that was lost in the middle leaves a cut trace</returns>
    /// <exception cref="InvalidOperationException">when the agent refused the program, or nothing came back</exception>
    public async Task<Trace> RunAsync(Program program, CancellationToken cancellation)
    {
        await foreach (var trace in RunAsync([program], cancellation)) return trace;
        throw new InvalidOperationException($"no trace of {program.Name} came back");
    }

    /// <summary>Runs programs one after the other; the traces come in their order.</summary>
    public async IAsyncEnumerable<Trace> RunAsync(IReadOnlyList<Program> programs, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var number = 0;
        var silences = 0;
        while (number < programs.Count)
        {
            var machine = await BootedAsync(cancellation);
            await foreach (var reply in machine.RunManyAsync(programs.Skip(number).Select(ProgramText.Print), cancellation))
            {
                // Once may be the emulator's fault: a fresh machine tries the same program again.
                if (reply.Outcome is AgentOutcome.MachineLost { Cause.Kind: MachineLossKind.ChannelSilent } && silences++ == 0)
                {
                    await ReplaceAsync();
                    break;
                }
                yield return Read(programs[number++], reply);
                if (reply.Outcome is AgentOutcome.MachineLost) yield break;
            }
        }
    }

    private Trace Read(Program program, AgentReply reply)
    {
        if (reply.Outcome is AgentOutcome.AgentError refused)
            throw new InvalidOperationException($"the agent cannot run {program.Name}: {refused.Text}");
        if (reply.TraceText.Length == 0)
            throw new InvalidOperationException($"the machine was lost before {program.Name} began: {reply.Outcome}");
        var trace = TraceText.Parse(reply.TraceText, program);
        _traces.Add(trace);
        return trace;
    }

    /// <summary>Gives the lost machine up, so that the next who asks boots a fresh one.</summary>
    private async Task ReplaceAsync()
    {
        var lost = _machine;
        _machine = null;
        if (lost is null) return;
        await TestContext.Progress.WriteLineAsync($"a machine fell silent and is replaced; its console:\n{lost.ConsoleText}");
        await lost.DisposeAsync();
    }

    /// <summary>In a [TearDown]: attaches traces and console where the test failed.</summary>
    public void AttachOnFailure()
    {
        var context = TestContext.CurrentContext;
        if (context.Result.Outcome.Status == NUnit.Framework.Interfaces.TestStatus.Failed)
        {
            foreach (var trace in _traces) Attach(context, $"{trace.Program.Name}.trace", TraceText.Print(trace));
            if (_machine is not null) Attach(context, "console.log", _machine.ConsoleText);
        }
        _traces.Clear();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_machine is not null) await _machine.DisposeAsync();
        _booting.Dispose();
    }

    private static void Attach(TestContext context, string name, string content)
    {
        var file = Path.Combine(context.WorkDirectory, "attachments", context.Test.ID, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        TestContext.AddTestAttachment(file);
    }
}
