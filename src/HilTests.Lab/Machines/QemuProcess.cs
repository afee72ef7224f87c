using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Machines;

/// <summary>A running QEMU: its process, its two sockets, its console.</summary>
internal sealed class QemuProcess : IAsyncDisposable
{
    /// <summary>QEMU's group may go through the folder, not list it or make files in it.</summary>
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute;

    private const UnixFileMode SocketMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private readonly WorkFolder _folder;
    private readonly Confinement _confinement;
    private readonly Process _process;
    private readonly Task<int> _exitCode;
    private readonly Task _console;
    private readonly Task<string> _errors;

    private QemuProcess(WorkFolder folder, Confinement confinement, Process process, long startedAt, ConsoleCapture console)
    {
        _folder = folder;
        _confinement = confinement;
        _process = process;
        _exitCode = ExitCodeAsync();
        _console = console.ReadAsync(process.StandardOutput);
        _errors = LastWords.ReadAsync(process.StandardError);
        StartedAt = startedAt;
    }

    public int Id => _process.Id;

    /// <summary>When the start of the process began, in <see cref="Stopwatch"/> ticks.</summary>
    public long StartedAt { get; }

    /// <summary>Where to type into the console.</summary>
    public StreamWriter ConsoleInput => _process.StandardInput;

    public Task Exited => _exitCode;

    /// <summary>Starts QEMU and waits until it has called back on both sockets.</summary>
    /// <param name="command">Makes the command for a work folder.</param>
    /// <param name="confinement">As whom it runs.</param>
    /// <param name="console">Gets the serial console.</param>
    /// <param name="onEvent">Gets the monitor's events.</param>
    /// <param name="cancellation">Ends the wait; QEMU is killed.</param>
    /// <exception cref="InfrastructureException">QEMU is not there or ended at once; holds what it said.</exception>
    public static async Task<(QemuProcess Qemu, NetworkStream Agent, QmpClient Monitor)> StartAsync(
        Func<string, QemuCommand> command, Confinement confinement, ConsoleCapture console, Action<string, JsonElement> onEvent, CancellationToken cancellation)
    {
        string program = Programs.Require(QemuCommandLine.Program, "qemu-system-x86");
        var folder = await WorkFolder.CreateAsync().ConfigureAwait(false);
        QemuProcess? qemu = null;
        try
        {
            confinement.Admit(folder.Path, FolderMode);
            using var agentListener = Listen(folder.At(QemuCommandLine.AgentSocket), confinement);
            using var monitorListener = Listen(folder.At(QemuCommandLine.MonitorSocket), confinement);
            long begin = Stopwatch.GetTimestamp();
            var process = await SpawnThread.StartAsync(Describe(program, command(folder.Path), confinement)).ConfigureAwait(false);
            folder.Owns(process);
            qemu = new QemuProcess(folder, confinement, process, begin, console);
            var monitor = await qemu.AcceptAsync(monitorListener, cancellation).ConfigureAwait(false);
            var agent = await qemu.AcceptAsync(agentListener, cancellation).ConfigureAwait(false);
            return (qemu, new NetworkStream(agent, ownsSocket: true), new QmpClient(new NetworkStream(monitor, ownsSocket: true), onEvent));
        }
        catch
        {
            if (qemu is not null)
                await qemu.DisposeAsync().ConfigureAwait(false);
            else
                folder.Dispose();
            throw;
        }
    }

    /// <summary>A further socket in the work folder for QEMU to connect to.</summary>
    /// <returns>The listening socket, and where it is.</returns>
    public (Socket Listener, string Path) Listen(string name) => (Listen(_folder.At(name), _confinement), _folder.At(name));

    /// <summary>How the process ended: "exit code 1" or "killed by signal 9", with its last words. Call after <see cref="Exited"/>.</summary>
    public async Task<string> DescribeEndAsync()
    {
        int code = await _exitCode.ConfigureAwait(false);
        string said = (await _errors.ConfigureAwait(false)).Trim();
        // .NET reports death by signal N as exit code 128 + N.
        string how = code > 128 ? $"was killed by signal {code - 128}" : $"ended with exit code {code}";
        return said.Length == 0 ? how : $"{how}: {said}";
    }

    /// <summary>Waits until the console was read to its end; call after the process ended.</summary>
    public Task ConsoleDrained => _console;

    // Asked once: who wants to know how it ended may ask when the process object is disposed of already.
    private async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        // A throwaway machine needs no orderly shutdown. The handle, not the id, so nobody else can be hit.
        if (!_process.HasExited)
            _process.Kill();
        await _exitCode.ConfigureAwait(false);
        await _console.ConfigureAwait(false);
        await _errors.ConfigureAwait(false);
        _process.Dispose();
        _folder.Dispose();
    }

    private async Task<Socket> AcceptAsync(Socket listener, CancellationToken cancellation)
    {
        var accepted = listener.AcceptAsync(cancellation).AsTask();
        if (await Task.WhenAny(accepted, Exited).ConfigureAwait(false) == accepted)
            return await accepted.ConfigureAwait(false);
        throw new InfrastructureException($"QEMU did not start: it {await DescribeEndAsync().ConfigureAwait(false)}");
    }

    /// <summary>
    /// A shell opens the files while it still may, then becomes setpriv, which gives the rights away, then QEMU: one
    /// process with one id all the way.
    /// </summary>
    private static ProcessStartInfo Describe(string program, QemuCommand command, Confinement confinement)
    {
        foreach (var file in command.Files)
        {
            if (!File.Exists(file.Path))
                throw new InfrastructureException($"QEMU cannot be started: there is no file {file.Path}");
            if (file is { Reopened: true, Writable: false })
                confinement.AdmitReader(file.Path);
        }
        // The paths are positional parameters: nothing in them is read as shell.
        var opened = command.Files.Select((file, i) => $"{QemuCommand.FirstDescriptor + i}{(file.Writable ? "<>" : "<")}\"${i + 1}\"");
        string script = $"exec {string.Join(' ', opened)}; shift {command.Files.Count}; exec setpriv \"$@\"";
        return SpawnThread.InOwnSession(
            ["sh", "-c", script, "hil-qemu", .. command.Files.Select(f => f.Path), .. confinement.Privileges, "--", program, .. command.Arguments]);
    }

    private static Socket Listen(string path, Confinement confinement)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            confinement.Admit(path, SocketMode);
            socket.Listen(1);
            return socket;
        }
        catch (Exception e) when (e is SocketException or ArgumentException or InfrastructureException)
        {
            socket.Dispose();
            throw new InfrastructureException($"could not listen on {path}: {e.Message}; is TMPDIR a short path on a local disk?", e);
        }
    }
}
