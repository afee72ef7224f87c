using System.Diagnostics;
using HilTests.Lab;
using HilTests.Lab.Cache;
using HilTests.Lab.Images;
using HilTests.Lab.Machines;
using HilTests.Lab.Processes;

namespace HilTests.Benchmarks.Boot;

/// <summary>The shortest boot there is: the kernel, and a static program in C that writes one line to the console.</summary>
internal sealed class BareBoot : IDisposable
{
    private const string Word = "bare-init-runs";

    private const string Source = $$"""
        #include <unistd.h>
        int main(void)
        {
            static const char line[] = "{{Word}}\n";
            write(1, line, sizeof(line) - 1);
            for (;;)
                pause();
        }
        """;

    private readonly string _folder;
    private readonly IReadOnlyList<string> _arguments;

    private BareBoot(string folder, IReadOnlyList<string> arguments)
    {
        _folder = folder;
        _arguments = arguments;
    }

    public static async Task<BareBoot> PrepareAsync(MachineOptions options)
    {
        string folder = Directory.CreateTempSubdirectory("hil-bare-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "init.c"), Source);
        await new Command("gcc", "-O2", "-static", "-o", Path.Combine(folder, "init"), Path.Combine(folder, "init.c"))
            .MustAsync("compile the one-line init", CancellationToken.None);
        string archive = Path.Combine(folder, "initramfs.cpio");
        await using (var stream = File.Create(archive))
        {
            var cpio = new CpioWriter(stream);
            cpio.CharacterDevice("dev/console", 5, 1);
            cpio.File("init", await File.ReadAllBytesAsync(Path.Combine(folder, "init")), 0x1ed);
            cpio.Finish();
        }
        var parts = await MachineParts.PrepareAsync(options, CacheFolder.Default(), CancellationToken.None);
        var full = QemuCommandLine.Boot(options, parts.Kernel, archive, [], "tcg", folder);
        return new BareBoot(folder, [.. WithoutDevices(ByPath(full))]);
    }

    /// <returns>From the start of QEMU to the line.</returns>
    public async Task<TimeSpan> RunAsync()
    {
        using var qemu = await SpawnThread.StartAsync(SpawnThread.DyingWithUs(QemuCommandLine.Program, _arguments));
        long begin = Stopwatch.GetTimestamp();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        string seen = "";
        try
        {
            while (await qemu.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
            {
                seen += line + "\n";
                if (line.Contains(Word, StringComparison.Ordinal))
                    return Stopwatch.GetElapsedTime(begin);
            }
            throw new InfrastructureException($"the bare boot ended without its line: {seen}{await qemu.StandardError.ReadToEndAsync()}");
        }
        finally
        {
            qemu.Kill();
            await qemu.WaitForExitAsync();
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static List<string> ByPath(QemuCommand command)
    {
        var paths = command.Files.Select((file, i) => (Descriptor: $"/proc/self/fd/{QemuCommand.FirstDescriptor + i}", file.Path)).ToDictionary();
        return [.. command.Arguments.Select(a => paths.GetValueOrDefault(a, a))];
    }

    // The kernel, the memory and the console stay; channel, monitor and crash devices go.
    private static IEnumerable<string> WithoutDevices(List<string> arguments)
    {
        for (int i = 0; i < arguments.Count; i++)
        {
            bool channel = arguments[i] == "-chardev" && arguments[i + 1].StartsWith("socket,", StringComparison.Ordinal);
            if (arguments[i] is "-device" or "-mon" || channel)
                i++;
            else
                yield return arguments[i];
        }
    }
}
