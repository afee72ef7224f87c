using System.Diagnostics;
using HilTests.Core;
using HilTests.Core.Channel;
using HilTests.Lab.Cache;
using HilTests.Lab.Images;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Machines;

/// <summary>This very machine, for the devices it has itself: the agent as our child, frames over its standard streams.</summary>
public sealed class LocalMachine : IMachine
{
    private readonly Process _child;
    private readonly AgentConnection _agent;
    private readonly Task<string> _errors;
    private readonly Task _watch;

    private LocalMachine(Process child, TimeSpan silence)
    {
        _child = child;
        _errors = child.StandardError.ReadToEndAsync();
        _agent = new AgentConnection(new PairedStream(child.StandardOutput.BaseStream, child.StandardInput.BaseStream), silence);
        _watch = WatchAsync();
    }

    public MachineFacts Facts { get; private set; } = null!;

    public string ConsoleText => "";

    /// <summary>The id of the agent's process.</summary>
    public int ProcessId => _child.Id;

    /// <summary>Builds the agent if needed and starts it.</summary>
    /// <exception cref="InfrastructureException">It could not be built, or said nothing by the boot deadline.</exception>
    public static async Task<LocalMachine> StartAsync(MachineOptions options, CancellationToken cancellation)
    {
        long begin = Stopwatch.GetTimestamp();
        var (path, _) = await new AgentBuilder(SourceTree.Find(), CacheFolder.Default(), options.Progress).GetAsync(cancellation).ConfigureAwait(false);
        var buildTime = Stopwatch.GetElapsedTime(begin);
        long started = Stopwatch.GetTimestamp();
        var child = await SpawnThread.StartAsync(SpawnThread.DyingWithUs(path, ["--stdio"])).ConfigureAwait(false);
        var machine = new LocalMachine(child, options.SilenceDeadline);
        try
        {
            string hello = await machine._agent.Hello.WaitAsync(options.BootDeadline, cancellation).ConfigureAwait(false);
            string release = (await File.ReadAllTextAsync("/proc/sys/kernel/osrelease", cancellation).ConfigureAwait(false)).Trim();
            int memory = (int)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20);
            machine.Facts = new MachineFacts(release, "host", "none", Environment.ProcessorCount, memory, AgentHello.Build(hello), [],
                buildTime, Stopwatch.GetElapsedTime(started));
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

    /// <summary>Lets the agent end by itself, so that it can undo what it set up; kills it when it does not.</summary>
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
        if (await Task.WhenAny(exited, Task.Delay(TimeSpan.FromSeconds(3))).ConfigureAwait(false) != exited)
            _child.Kill(entireProcessTree: true);
        var gone = await Task.WhenAny(exited, Task.Delay(TimeSpan.FromSeconds(5))).ConfigureAwait(false) == exited;
        await _agent.DisposeAsync().ConfigureAwait(false);
        // A thread that hangs in the kernel outlives even a kill; waiting for it would lose the verdict about it.
        if (!gone) return;
        await _watch.ConfigureAwait(false);
        await _errors.ConfigureAwait(false);
        _child.Dispose();
    }

    private async Task WatchAsync()
    {
        await _child.WaitForExitAsync().ConfigureAwait(false);
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
