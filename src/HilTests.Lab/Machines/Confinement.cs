using System.Globalization;
using System.Security.Cryptography;
using Mono.Unix.Native;

namespace HilTests.Lab.Machines;

/// <summary>
/// As whom QEMU runs. Started by root, each QEMU gets a user and a group number of its own, which nobody on the
/// machine has: it owns no file, and no other process may be signalled or traced by it, other QEMUs included. Started by
/// another user it is that user. In both cases it can gain no rights (no_new_privs).
/// </summary>
internal sealed class Confinement
{
    /// <summary>
    /// User and group numbers are drawn from here: above those of containers (systemd's "Users, Groups, UIDs and GIDs"
    /// ends them at 1879048191), below the sign bit.
    /// </summary>
    internal const uint FirstId = 0x7001_0000;

    internal const uint IdCount = 0x0100_0000;

    /// <summary>The group that may write the memory of templates: QEMU 7.2 maps even what it only copies from a file opened for writing.</summary>
    internal const uint OwnTemplateGroup = 0x7000_0001;

    /// <summary>The user and group number of builds, when started by root.</summary>
    private const uint OwnBuildId = 0x7000_0002;

    /// <summary>Where the high numbers are not to be had, as in a container with 65536 of them.</summary>
    private const uint Nobody = 65534;

    private const int CapChown = 0;
    private const int CapSetgid = 6;
    private const int CapSetuid = 7;
    private const int CapSetpcap = 8;

    private static readonly Lazy<(uint First, uint Count, string? Weakness)> Ids = new(FindIds);

    private readonly uint _id;
    private readonly List<string> _privileges;

    private Confinement(uint id, List<string> privileges, string? weakness)
    {
        _id = id;
        _privileges = privileges;
        Weakness = weakness;
    }

    /// <summary>Why QEMU has more rights than it should, or null.</summary>
    public string? Weakness { get; }

    /// <summary>QEMU's user and group number; 0 when it runs as the user who started it.</summary>
    public uint Id => _id;

    /// <summary>The options of setpriv, in front of the program.</summary>
    public IReadOnlyList<string> Privileges => _privileges;

    /// <summary>As whom modules are built; 0 for the user who started this.</summary>
    public static uint BuildId => !Environment.IsPrivilegedProcess || Ids.Value.Weakness is not null ? 0 : Ids.Value.Count == 1 ? Nobody : OwnBuildId;

    /// <summary>Draws the user for one QEMU.</summary>
    /// <param name="accelerator">kvm or tcg: KVM needs its device.</param>
    public static Confinement For(string accelerator)
    {
        // pdeathsig comes last in setpriv, after the change of user that would clear it.
        List<string> always = ["--no-new-privs", "--pdeathsig", "KILL"];
        if (!Environment.IsPrivilegedProcess)
            return new Confinement(0, always, null);
        List<string> asRoot = Has(CapSetpcap) ? [.. always, "--inh-caps=-all", "--bounding-set=-all"] : always;
        var (first, count, weakness) = Ids.Value;
        if (weakness is not null)
            return new Confinement(0, asRoot, weakness);
        List<string> groups = [Number(TemplateGroup)];
        if (accelerator == "kvm" && !AddKvmGroup(groups))
            return new Confinement(0, asRoot, "/dev/kvm belongs to root alone, so QEMU runs as root without capabilities");
        uint id = first + (uint)RandomNumberGenerator.GetInt32((int)count);
        return new Confinement(id, [.. asRoot, "--reuid", Number(id), "--regid", Number(id), "--groups", string.Join(',', groups)], null);
    }

    /// <summary>Lets this QEMU use a folder or socket that we made: by group, nothing is for all.</summary>
    /// <param name="path">What.</param>
    /// <param name="mode">Its new mode.</param>
    public void Admit(string path, UnixFileMode mode)
    {
        if (_id == 0)
            return;
        ChangeGroup(path, _id);
        File.SetUnixFileMode(path, mode);
    }

    /// <summary>
    /// Lets this QEMU open a file of the cache that it was handed: opening <c>/proc/self/fd/N</c> asks for the file's own
    /// mode again, though not for that of its folders. The cache lies in a folder that only its owner can enter.
    /// </summary>
    public void AdmitReader(string path)
    {
        var mode = File.GetUnixFileMode(path);
        if (_id != 0 && !mode.HasFlag(UnixFileMode.OtherRead))
            File.SetUnixFileMode(path, mode | UnixFileMode.OtherRead);
    }

    /// <summary>Lets every QEMU of ours write a template's memory. A write changes the file's time, which only its owner can set back.</summary>
    public static void AdmitAll(string memory)
    {
        File.SetUnixFileMode(memory, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        if (!Environment.IsPrivilegedProcess || Ids.Value.Weakness is not null)
            return;
        ChangeGroup(memory, TemplateGroup);
        File.SetUnixFileMode(memory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
    }

    private static uint TemplateGroup => Ids.Value.Count == 1 ? Nobody : OwnTemplateGroup;

    private static void ChangeGroup(string path, uint group)
    {
        if (Syscall.chown(path, unchecked((uint)-1), group) != 0)
            throw new InfrastructureException($"could not give {path} to QEMU's group {group}: {Stdlib.GetLastError()}");
    }

    private static bool AddKvmGroup(List<string> groups)
    {
        if (Syscall.stat("/dev/kvm", out var status) != 0)
            return false;
        if (status.st_mode.HasFlag(FilePermissions.S_IROTH | FilePermissions.S_IWOTH))
            return true;
        if (!status.st_mode.HasFlag(FilePermissions.S_IRGRP | FilePermissions.S_IWGRP) || status.st_gid == 0)
            return false;
        groups.Add(Number(status.st_gid));
        return true;
    }

    private static (uint First, uint Count, string? Weakness) FindIds()
    {
        if (!MayChangeUser())
            return (0, 0, "this root has not the rights to change user (CAP_SETUID, CAP_SETGID, CAP_CHOWN), so QEMU runs as root without capabilities");
        if (IsMapped(FirstId, IdCount) && IsMapped(OwnTemplateGroup, 2))
            return (FirstId, IdCount, null);
        return IsMapped(Nobody, 1)
            ? (Nobody, 1, null)
            : (0, 0, "this user namespace has no user for QEMU, so it runs as the namespace's root without capabilities");
    }

    private static bool MayChangeUser()
    {
        bool mayDropGroups = !File.Exists("/proc/self/setgroups") || File.ReadAllText("/proc/self/setgroups").Trim() != "deny";
        return mayDropGroups && Has(CapChown) && Has(CapSetgid) && Has(CapSetuid);
    }

    private static bool Has(int capability)
    {
        const string Word = "CapEff:";
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(Word, StringComparison.Ordinal));
        return (ulong.Parse(line[Word.Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> capability & 1) != 0;
    }

    private static bool IsMapped(uint first, uint count) =>
        ((string[])["/proc/self/uid_map", "/proc/self/gid_map"]).All(map => MapHolds(File.ReadAllLines(map), first, count));

    /// <summary>Whether a range of numbers lies in one line (first inside, first outside, count) of a user namespace's map.</summary>
    internal static bool MapHolds(IEnumerable<string> map, uint first, uint count) => map
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(fields => (First: ulong.Parse(fields[0], CultureInfo.InvariantCulture), Count: ulong.Parse(fields[2], CultureInfo.InvariantCulture)))
        .Any(range => range.First <= first && (ulong)first + count <= range.First + range.Count);

    private static string Number(uint id) => id.ToString(CultureInfo.InvariantCulture);
}
