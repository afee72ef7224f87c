using System.Diagnostics;
using System.Text.Json.Nodes;
using HilTests.Core.Channel;
using HilTests.Lab;
using HilTests.Lab.Cache;
using HilTests.Lab.Machines;
using HilTests.Lab.Processes;

namespace HilTests.Benchmarks.Clones;

/// <summary>The usual way to a machine that is there already: QEMU's savevm into a qcow2 file, and loadvm from it.</summary>
internal sealed class SnapshotBoot : IDisposable
{
    private const string Tag = "booted";

    private readonly string _folder;
    private readonly MachineOptions _options;
    private readonly MachineParts _parts;

    private SnapshotBoot(string folder, MachineOptions options, MachineParts parts)
    {
        _folder = folder;
        _options = options;
        _parts = parts;
    }

    private string Disk => Path.Combine(_folder, "snapshot.qcow2");

    public static async Task<SnapshotBoot> PrepareAsync(MachineOptions options)
    {
        var parts = await MachineParts.PrepareAsync(options, CacheFolder.Default(), CancellationToken.None);
        var boot = new SnapshotBoot(Directory.CreateTempSubdirectory("hil-savevm-").FullName, options, parts);
        try
        {
            await boot.SaveAsync();
            return boot;
        }
        catch
        {
            boot.Dispose();
            throw;
        }
    }

    private async Task SaveAsync()
    {
        await new Command("qemu-img", "create", "-q", "-f", "qcow2", Disk, "4G").MustAsync("make a disk for a snapshot", CancellationToken.None);
        await using var qemu = await StartAsync(Command);
        // What is said to an agent that has not opened its port yet is lost.
        await qemu.Agent.Hello.WaitAsync(_options.BootDeadline);
        await qemu.AskAsync(FrameKind.Probe);
        var said = await qemu.Monitor.ExecuteAsync(
            [("qmp_capabilities", null), ("human-monitor-command", new JsonObject { ["command-line"] = $"savevm {Tag}" })], CancellationToken.None);
        if (said.GetString() is { Length: > 0 } error)
            throw new InfrastructureException($"QEMU could not save a snapshot: {error}");
    }

    /// <returns>From the start of QEMU to an answered ping.</returns>
    public async Task<TimeSpan> RunAsync()
    {
        await using var qemu = await StartAsync(folder =>
        {
            var command = Command(folder);
            return command with { Arguments = [.. command.Arguments, "-loadvm", Tag] };
        });
        await qemu.AskAsync(FrameKind.Ping);
        return Stopwatch.GetElapsedTime(qemu.Process.StartedAt);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private QemuCommand Command(string folder)
    {
        var command = QemuCommandLine.Boot(_options, _parts.Kernel, _parts.Image.Initramfs, _parts.Image.KernelParameters, "tcg", folder);
        int descriptor = QemuCommand.FirstDescriptor + command.Files.Count;
        return new QemuCommand(
            [.. WithoutWatchdog(command.Arguments), "-add-fd", $"fd={descriptor},set=9", "-drive", "if=none,id=snapshot,file=/dev/fdset/9,format=qcow2"],
            [.. command.Files, new PassedFile(Disk, Writable: true)]);
    }

    // It would pause the machine for good while the snapshot is saved: nobody is here to let it go on.
    private static IEnumerable<string> WithoutWatchdog(IReadOnlyList<string> arguments)
    {
        for (int i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] == "-device" && arguments[i + 1].StartsWith("i6300esb", StringComparison.Ordinal))
                i++;
            else
                yield return arguments[i];
        }
    }

    private static async Task<Running> StartAsync(Func<string, QemuCommand> command)
    {
        var (process, stream, monitor) = await QemuProcess.StartAsync(
            command, Confinement.For("tcg"), new ConsoleCapture(null, _ => { }), (_, _) => { }, CancellationToken.None);
        return new Running(process, new AgentConnection(stream, TimeSpan.FromSeconds(60)), monitor);
    }

    private sealed record Running(QemuProcess Process, AgentConnection Agent, QmpClient Monitor) : IAsyncDisposable
    {
        public async Task AskAsync(FrameKind kind) => (await Agent.AskAsync(kind, "", CancellationToken.None)).MustComplete($"{kind}");

        public async ValueTask DisposeAsync()
        {
            Agent.Lose(new MachineLoss(MachineLossKind.Disposed, "done"));
            await Process.DisposeAsync();
            await Monitor.DisposeAsync();
            await Agent.DisposeAsync();
        }
    }
}
