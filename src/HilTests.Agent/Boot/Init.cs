using System.Diagnostics;
using HilTests.Agent.Transport;
using HilTests.Uapi;
using HilTests.Uapi.Libc;

namespace HilTests.Agent.Boot;

/// <summary>The first process of a VM: makes the machine ready, then serves the host until the channel ends.</summary>
internal static class Init
{
    private const string PortName = "hil.agent";
    private const string KnobList = "/etc/hil/knobs";

    /// <summary>devtmpfs first: the runtime may ask /dev/urandom for random numbers at any time.</summary>
    private static readonly (string Type, string Target)[] Mounts =
    [
        ("devtmpfs", "/dev"), ("proc", "/proc"), ("sysfs", "/sys"), ("tmpfs", "/tmp"), ("tmpfs", "/run"),
        ("devpts", "/dev/pts"), ("debugfs", "/sys/kernel/debug"), ("tracefs", "/sys/kernel/tracing"),
    ];

    /// <summary>Does not return in a machine that works: it ends by powering the machine off.</summary>
    public static int Run()
    {
        AppDomain.CurrentDomain.UnhandledException += (_, e) => Fatal(e.ExceptionObject.ToString() ?? "no reason given");
        try
        {
            MountAll();
            var failures = ModuleLoader.LoadBootList();
            foreach (string failure in failures)
                KernelLog.Write(3, failure);
            Processors.BringUp();
            TurnKnobs();
            using var reaper = new OrphanReaper();
            Heartbeat.Start();
            StartShellIfAsked();
            using var port = VirtioPort.Open(PortName);
            using var server = new AgentServer(port, port);
            Serving.RegisterHandlers(server);
            server.Serve(string.Join('\n', [Serving.HelloLine, .. failures]));
        }
        catch (Exception e)
        {
            Fatal(e.ToString());
        }
        PowerOff();
        return 1;
    }

    private static void MountAll()
    {
        foreach (var (type, target) in Mounts)
        {
            Directory.CreateDirectory(target);
            Sys.Check(libc.mount(type, target, type, 0, null), "mount", target).OrThrow("make the machine ready");
        }
    }

    /// <summary>Writes the kernel settings of the list, lines of <c>PATH VALUE</c>. One that is missing is logged.</summary>
    private static void TurnKnobs()
    {
        if (!File.Exists(KnobList))
            return;
        foreach (string line in File.ReadLines(KnobList))
        {
            int space = line.IndexOf(' ');
            if (space < 0)
                continue;
            try
            {
                using var knob = new FileStream(line[..space], FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
                knob.Write(System.Text.Encoding.ASCII.GetBytes(line[(space + 1)..]));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                KernelLog.Write(4, $"knob {line}: {e.Message}");
            }
        }
    }

    /// <summary>With <c>hil.shell</c> on the kernel's command line: a shell on the console; its end powers off.</summary>
    private static void StartShellIfAsked()
    {
        if (!File.ReadAllText("/proc/cmdline").Split([' ', '\n']).Contains("hil.shell"))
            return;
        var shell = new ProcessStartInfo("/bin/busybox", ["setsid", "cttyhack", "/bin/sh", "-l"]) { WorkingDirectory = "/root" };
        shell.Environment["PATH"] = "/bin:/sbin:/usr/bin:/usr/sbin";
        shell.Environment["HOME"] = "/root";
        shell.Environment["TERM"] = "linux";
        var process = Process.Start(shell) ?? throw new InvalidOperationException("the shell did not start");
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => PowerOff();
    }

    private static void Fatal(string why)
    {
        // One line with the marker the host looks for, the rest below it.
        Console.Error.WriteLine($"hil-agent: fatal: {why}");
        PowerOff();
    }

    private static void PowerOff()
    {
        libc.sync();
        libc.reboot(sys_reboot_h.RB_POWER_OFF);
    }
}
