using System.Diagnostics;
using HilTests.Core;
using HilTests.Core.Channel;
using HilTests.Lab.Cache;
using HilTests.Lab.Diagnosis;
using HilTests.Lab.Host;
using HilTests.Lab.Images;
using HilTests.Lab.Processes;
using Mono.Unix.Native;

namespace HilTests.Lab.Machines;

/// <summary>
/// This very machine, for the devices it has itself: the agent as our child, frames over its standard streams. The
/// child is the agent's keeper; it cleans up after the process that runs programs, and after us.
/// </summary>
public sealed class LocalMachine : IMachine
{
    /// <summary>How long the agent gets to undo what the program under way has set up.</summary>
    private static readonly TimeSpan UndoTime = TimeSpan.FromSeconds(3);

    /// <summary>How long its keeper gets to clean up and to unload modules; longer where a kernel thread hangs.</summary>
    private static readonly TimeSpan CleanUpTime = TimeSpan.FromSeconds(30);

    /// <summary>An oops takes this long to be written to its end.</summary>
    private static readonly TimeSpan OopsLag = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly Process _child;
    private readonly AgentConnection _agent;
    private readonly Task<string> _errors;
    private readonly Task _watch;
    private readonly ConsoleCapture _console;
    private readonly KernelLogReader? _log;
    private readonly TaskCompletionSource _oops;

    private LocalMachine(string path, Process child, TimeSpan silence, ConsoleCapture console, KernelLogReader? log, TaskCompletionSource oops)
    {
        (_path, _child, _console, _log, _oops) = (path, child, console, log, oops);
        _errors = LastWords.ReadAsync(child.StandardError);
        _agent = new AgentConnection(new PairedStream(child.StandardOutput.BaseStream, child.StandardInput.BaseStream), silence);
        _watch = WatchAsync();
    }

    public MachineFacts Facts { get; private set; } = null!;

    /// <summary>
    /// What the kernel has logged since the agent was started, from warnings up; the whole machine's, so lines of
    /// devices that are not under test may stand there. Empty where the log may not be read.
    /// </summary>
    public string ConsoleText => _console.Text;

    /// <summary>The id of the keeper's process.</summary>
    public int ProcessId => _child.Id;

    /// <summary>Checks the machine, builds the agent if needed and starts it.</summary>
    /// <param name="options">of which only devices, deadlines, progress and the console's mirror count here</param>
    /// <param name="cancellation">ends the start; nothing is left</param>
    /// <exception cref="InfrastructureException">
    /// The machine lacks something (one line each: what, why, what to do), the agent could not be built, or it said nothing
    /// by the boot deadline.
    /// </exception>
    public static async Task<LocalMachine> StartAsync(MachineOptions options, CancellationToken cancellation)
    {
        await LocalRequirements.EnsureAsync(options.Devices, cancellation).ConfigureAwait(false);
        long begin = Stopwatch.GetTimestamp();
        var (path, _) = await new AgentBuilder(SourceTree.Find(), CacheFolder.Default(), options.Progress).GetAsync(cancellation).ConfigureAwait(false);
        var buildTime = Stopwatch.GetElapsedTime(begin);
        long started = Stopwatch.GetTimestamp();
        var oops = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var console = new ConsoleCapture(options.ConsoleMirror, line => NoteOops(line, oops));
        var log = KernelLogReader.Open(text => console.Add(text));
        LocalMachine machine;
        try
        {
            // Told to end, not killed: what it keeps has to be cleaned up.
            var child = SpawnThread.DyingWithUs(path, ["--stdio", .. LocalRequirements.Modules(options.Devices)], signal: "TERM");
            machine = new LocalMachine(path, await SpawnThread.StartAsync(child).ConfigureAwait(false), options.SilenceDeadline, console, log, oops);
        }
        catch
        {
            log?.Dispose();
            throw;
        }
        try
        {
            string hello = await machine._agent.Hello.WaitAsync(options.BootDeadline, cancellation).ConfigureAwait(false);
            log?.Mark(AgentHello.Owner(hello));
            machine.Facts = Describe(options, hello, buildTime, Stopwatch.GetElapsedTime(started));
            return machine;
        }
        catch (Exception e)
        {
            await machine.DisposeAsync().ConfigureAwait(false);
            if (e is not (TimeoutException or MachineLostException))
                throw;
            throw new InfrastructureException($"the agent {path} did not start on this machine: {e.Message}", e);
        }
    }

    public Task<AgentReply> RunAsync(string programText, CancellationToken cancellation) =>
        _agent.AskAsync(FrameKind.Run, programText, cancellation);

    public IAsyncEnumerable<AgentReply> RunManyAsync(IEnumerable<string> programTexts, CancellationToken cancellation) =>
        _agent.RunManyAsync(programTexts, cancellation);

    public async Task<string> ProbeAsync(CancellationToken cancellation) =>
        (await _agent.AskAsync(FrameKind.Probe, "", cancellation).ConfigureAwait(false)).MustComplete("probe the kernel");

    public async Task<TimeSpan> MeasureWorkAsync(int rounds, CancellationToken cancellation) =>
        (await _agent.AskAsync(FrameKind.Probe, FixedWork.Request(rounds), cancellation).ConfigureAwait(false)).MustTellWork();

    public async Task<TimeSpan> PingAsync(CancellationToken cancellation)
    {
        long begin = Stopwatch.GetTimestamp();
        (await _agent.AskAsync(FrameKind.Ping, "ping", cancellation).ConfigureAwait(false)).MustComplete("ping the agent");
        return Stopwatch.GetElapsedTime(begin);
    }

    public Task<SwapRefusal?> SwapModulesAsync(IReadOnlyList<ModuleOverride> modules, CancellationToken cancellation) =>
        Task.FromException<SwapRefusal?>(new InfrastructureException("the kernel modules of this very machine are not swapped; leave out --machine local"));

    /// <summary>
    /// Lets the agent end by itself, so that it can undo what it set up; has it killed when it does not. Its keeper then
    /// cleans up. A thread that hangs in the kernel outlives all of that, and so does what it uses.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        _agent.Lose(new MachineLoss(MachineLossKind.Disposed, "the agent was stopped by its owner"));
        try
        {
            _child.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone already.
        }
        var exited = _child.WaitForExitAsync();
        if (!await EndsAsync(exited, UndoTime).ConfigureAwait(false))
        {
            _ = Syscall.kill(_child.Id, Signum.SIGTERM);
            if (!await EndsAsync(exited, CleanUpTime).ConfigureAwait(false))
                _child.Kill(entireProcessTree: true);
        }
        bool gone = await EndsAsync(exited, UndoTime).ConfigureAwait(false);
        await _agent.DisposeAsync().ConfigureAwait(false);
        // A thread that hangs in the kernel outlives even a kill; waiting for it would lose the verdict about it.
        if (gone)
        {
            // Where the keeper itself was killed, another one cleans up for it; otherwise there is nothing to do.
            if (_child.ExitCode != 0)
                await new Command(_path, "--sweep").RunAsync(CancellationToken.None).ConfigureAwait(false);
            await _watch.ConfigureAwait(false);
            await _errors.ConfigureAwait(false);
            _child.Dispose();
        }
        _log?.Dispose();
    }

    private static async Task<bool> EndsAsync(Task exited, TimeSpan limit) =>
        await Task.WhenAny(exited, Task.Delay(limit)).ConfigureAwait(false) == exited;

    private static MachineFacts Describe(MachineOptions options, string hello, TimeSpan buildTime, TimeSpan startTime)
    {
        string release = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        int memory = (int)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20);
        return new MachineFacts(release, "host", "none", Environment.ProcessorCount, memory, AgentHello.Build(hello), [], buildTime, startTime)
        {
            ModuleVersions = LocalRequirements.Modules(options.Devices).Select(m => m.Split(' ')[0])
                .Where(m => File.Exists(VersionFile(m))).ToDictionary(m => m, m => File.ReadAllText(VersionFile(m)).Trim()),
        };
    }

    private static string VersionFile(string module) => $"/sys/module/{module}/srcversion";

    /// <summary>The kernel goes on after an oops, unlike in a VM; but nothing it does then can be judged.</summary>
    private static void NoteOops(string line, TaskCompletionSource oops)
    {
        if (((string[])["Oops: ", "kernel BUG at ", "BUG: unable to handle", "general protection fault"]).Any(sign => line.Contains(sign, StringComparison.Ordinal)))
            oops.TrySetResult();
    }

    private async Task WatchAsync()
    {
        var exited = _child.WaitForExitAsync();
        await Task.WhenAny(exited, _oops.Task).ConfigureAwait(false);
        // The kernel may just be about to say why the agent ended; and an oops takes a moment to be written.
        await Task.WhenAny(Task.Delay(OopsLag), _agent.Lost).ConfigureAwait(false);
        if (_oops.Task.IsCompleted)
        {
            _agent.Lose(new MachineLoss(MachineLossKind.Panic, ConsoleDiagnosis.Title(ConsoleText) ?? "the kernel oopsed; its log does not say where"));
            return;
        }
        string said = (await _errors.ConfigureAwait(false)).Trim();
        string how = _child.ExitCode > 128 ? $"was killed by signal {_child.ExitCode - 128}" : $"ended with exit code {_child.ExitCode}";
        _agent.Lose(new MachineLoss(MachineLossKind.AgentGone, $"the agent {how}{(said.Length > 0 ? ": " + said : "")}"));
    }

    /// <summary>One stream made of two pipes.</summary>
    private sealed class PairedStream(Stream input, Stream output) : Stream
    {
        public override bool CanRead => true;
        public override bool CanWrite => true;
        public override bool CanSeek => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override int Read(byte[] buffer, int offset, int count) => input.Read(buffer, offset, count);
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            input.ReadAsync(buffer, cancellationToken);
        public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer, offset, count);
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            output.WriteAsync(buffer, cancellationToken);
        public override void Flush() => output.Flush();
        public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                input.Dispose();
            base.Dispose(disposing);
        }
    }
}
