using System.CommandLine;
using HilTests.Cli.Output;
using HilTests.Lab.Host;
using HilTests.Lab.Machines;
using HilTests.Reporting;

namespace HilTests.Cli.Commands;

/// <summary><c>hil shell</c>: a shell in the VM that programs run in.</summary>
internal sealed class ShellCommand
{
    /// <summary>Ctrl-]: leaves a guest that no longer answers.</summary>
    private const byte Escape = 0x1d;

    /// <summary>Ctrl-D: the end of the shell's input.</summary>
    private const byte EndOfInput = 0x04;

    private readonly MachineChoice _machine = new();

    public Command Build()
    {
        var command = new HilCommand("shell", "Starts a shell in the same VM: devices loaded, the agent at hand as hil-agent.", """
            hil shell
            boots the VM and gives a busybox shell; `exit` powers it off, Ctrl-] leaves one that hangs.
            In it, `hil-agent run FILE` runs a program and prints its trace
            """);
        _machine.AddTo(command, withMachine: false);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var options = new MachineOptions
        {
            Kernel = _machine.Kernel(parsed),
            Accelerator = _machine.Accelerator(parsed),
            Progress = text => Console.Error.WriteLine($"hil: {text}"),
            ConsoleShell = true,
            ConsoleMirror = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true },
        };
        await HostRequirements.EnsureAsync(options.Progress, cancellation).ConfigureAwait(false);
        await using var machine = await QemuMachine.BootAsync(options, cancellation).ConfigureAwait(false);
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var terminal = RawTerminal.Enter();
        // Not awaited: a read from a terminal cannot be cancelled; it ends with the process.
        _ = Task.Run(() => ForwardAsync(machine, left), CancellationToken.None);
        try
        {
            var loss = await machine.Lost.WaitAsync(left.Token).ConfigureAwait(false);
            if (loss.Kind is MachineLossKind.Panic or MachineLossKind.Watchdog or MachineLossKind.Stalled)
            {
                Console.Error.Write($"\r\nhil: the kernel died: {PrintableText.OneLine(loss.Title)}\r\n");
                return ExitCode.Finding;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            Console.Error.Write("\r\nhil: left\r\n");
        }
        return ExitCode.Conforms;
    }

    private static async Task ForwardAsync(QemuMachine machine, CancellationTokenSource left)
    {
        using var input = Console.OpenStandardInput();
        var guest = machine.ConsoleInput.BaseStream;
        var buffer = new byte[4096];
        try
        {
            int count;
            while ((count = await input.ReadAsync(buffer, left.Token).ConfigureAwait(false)) > 0)
            {
                if (!Console.IsInputRedirected && buffer.AsSpan(0, count).Contains(Escape))
                {
                    await left.CancelAsync().ConfigureAwait(false);
                    return;
                }
                await guest.WriteAsync(buffer.AsMemory(0, count), left.Token).ConfigureAwait(false);
                await guest.FlushAsync(left.Token).ConfigureAwait(false);
            }
            await guest.WriteAsync(new[] { EndOfInput }, left.Token).ConfigureAwait(false);
            await guest.FlushAsync(left.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The machine is off: there is nobody to type to any more.
        }
    }
}
