using System.Runtime.InteropServices;
using System.Text;
using HilTests.Agent.Boot;
using HilTests.Agent.Execution;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.F2fs;

/// <summary>Block devices of the device mapper with a table of one line.</summary>
internal static unsafe class DeviceMapper
{
    private const string Control = "/dev/mapper/control";

    /// <summary>Whether the mapper and that target are loaded, or in the image.</summary>
    public static bool Has(string target) => Modules(target).All(name => LoadedModules.IsLoaded(name) || LoadedModules.OfImage(name) is not null);

    private static string[] Modules(string target) => ["dm_mod", $"dm_{target}"];

    /// <summary>Makes a device.</summary>
    /// <param name="name">its name for the mapper</param>
    /// <param name="sectors">its size in sectors of 512 bytes</param>
    /// <param name="target">the kind of the one line that it has</param>
    /// <param name="parameters">the line's parameters</param>
    /// <returns>its name in /sys/block and /dev, e.g. <c>dm-0</c></returns>
    /// <exception cref="AgentFailureException">the kernel lacks the target</exception>
    /// <exception cref="SyscallException">the kernel refused the table; carries the errno</exception>
    public static string Create(string name, long sectors, string target, string parameters)
    {
        if (!Has(target)) throw new AgentFailureException($"this kernel has no target '{target}' of the device mapper: the module dm-{target} is neither loaded nor in the image");
        foreach (var module in Modules(target).Where(name => !LoadedModules.IsLoaded(name))) ModuleLoader.Load(module);
        if (!File.Exists(Control)) throw new AgentFailureException($"there is no {Control}, though the module dm-mod is loaded");
        var device = Ask(dm_ioctl_h.DM_DEV_CREATE, name, []).OrThrow($"make the mapped device {name}");
        try
        {
            Ask(dm_ioctl_h.DM_TABLE_LOAD, name, Line(sectors, target, parameters), targets: 1).OrThrow($"give the mapped device {name} its table '{target} {parameters}'");
            // Without the flag to suspend the request resumes: the table comes into force.
            Ask(dm_ioctl_h.DM_DEV_SUSPEND, name, []).OrThrow($"start the mapped device {name}");
            var number = $"{(device >> 8) & 0xfff}:{(device & 0xff) | ((device >> 12) & ~0xffUL)}";
            return Path.GetFileName(Directory.ResolveLinkTarget($"/sys/dev/block/{number}", returnFinalTarget: true)?.FullName)
                ?? throw new AgentFailureException($"there is no block device {number}, though the mapper made it");
        }
        catch
        {
            Remove(name);
            throw;
        }
    }

    /// <summary>Takes a device away; EBUSY while it is in use.</summary>
    public static Errno Remove(string name) => Ask(dm_ioctl_h.DM_DEV_REMOVE, name, []).Error;

    /// <summary>The mapper's names of all its devices.</summary>
    public static IEnumerable<string> Names() => !Directory.Exists("/sys/block") ? [] :
        Directory.GetDirectories("/sys/block", "dm-*").Select(folder => KernelFile.Read($"{folder}/dm/name", out var name) == Errno.None ? name.Trim() : "").Where(name => name.Length > 0);

    private static byte[] Line(long sectors, string target, string parameters)
    {
        var text = Encoding.ASCII.GetBytes(parameters + "\0");
        var bytes = new byte[(sizeof(dm_target_spec) + text.Length + 7) / 8 * 8];
        var line = new dm_target_spec { sector_start = 0, length = (ulong)sectors, next = (uint)bytes.Length };
        Encoding.ASCII.GetBytes(target, line.target_type);
        MemoryMarshal.Write(bytes, in line);
        text.CopyTo(bytes, sizeof(dm_target_spec));
        return bytes;
    }

    private static Answer Ask(uint request, string name, byte[] behind, uint targets = 0)
    {
        var opened = FileDescriptor.Open(Control, fcntl_h.O_RDWR | fcntl_h.O_CLOEXEC);
        if (!opened.Ok) return new Answer(new SyscallResult(-1, opened.Error, "open", Control), 0);
        using var control = opened.Value;
        var buffer = new byte[sizeof(dm_ioctl) + behind.Length];
        var head = new dm_ioctl { data_size = (uint)buffer.Length, data_start = (uint)sizeof(dm_ioctl), target_count = targets };
        head.version[0] = dm_ioctl_h.DM_VERSION_MAJOR;
        Encoding.ASCII.GetBytes(name, head.name);
        MemoryMarshal.Write(buffer, in head);
        behind.CopyTo(buffer, sizeof(dm_ioctl));
        fixed (byte* start = buffer)
        {
            var result = Sys.Check(libc.ioctl(control, request, start), "ioctl", Control);
            return new Answer(result, ((dm_ioctl*)start)->dev);
        }
    }

    private readonly record struct Answer(SyscallResult Result, ulong Device)
    {
        public Errno Error => Result.Error;

        /// <summary>The device's number; throws where the request failed.</summary>
        public ulong OrThrow(string purpose)
        {
            Result.OrThrow(purpose);
            return Device;
        }
    }
}
