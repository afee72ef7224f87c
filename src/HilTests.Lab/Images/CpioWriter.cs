using System.Globalization;
using System.Text;

namespace HilTests.Lab.Images;

/// <summary>
/// Writes a cpio archive in the "newc" format the kernel unpacks as its first file system
/// (Documentation/driver-api/early-userspace/buffer-format.rst). Everything belongs to root and has time 0, so that
/// equal content gives an equal archive.
/// </summary>
internal sealed class CpioWriter(Stream output)
{
    private const int TypeDirectory = 0x4000;
    private const int TypeFile = 0x8000;
    private const int TypeLink = 0xa000;
    private const int TypeCharacterDevice = 0x2000;

    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private long _position;
    private int _inode;

    /// <summary>A folder and those above it. One that is there already is fine.</summary>
    public void Directory(string path)
    {
        string name = Name(path);
        if (name.Length == 0 || !_written.Add(name))
            return;
        Directory(Parent(name));
        Entry(name, TypeDirectory | 0x1ed, [], 0, 0);
    }

    /// <summary>A file; the folders above it are made as needed.</summary>
    /// <param name="path">Where it is in the image.</param>
    /// <param name="content">At most 4 GiB.</param>
    /// <param name="mode">Permission bits, such as 0x1ed (0755).</param>
    public void File(string path, ReadOnlySpan<byte> content, int mode)
    {
        if (Begin(path) is { } name)
            Entry(name, TypeFile | mode, content, 0, 0);
    }

    /// <summary>A file that holds text, readable by all.</summary>
    public void Text(string path, string text) => File(path, Encoding.UTF8.GetBytes(text), 0x1a4);

    /// <summary>A symbolic link.</summary>
    public void Link(string path, string target)
    {
        if (Begin(path) is { } name)
            Entry(name, TypeLink | 0x1ff, Encoding.UTF8.GetBytes(target), 0, 0);
    }

    /// <summary>A character device.</summary>
    public void CharacterDevice(string path, int major, int minor)
    {
        if (Begin(path) is { } name)
            Entry(name, TypeCharacterDevice | 0x180, [], major, minor);
    }

    /// <summary>Ends the archive; nothing may be added afterwards.</summary>
    public void Finish()
    {
        _inode = -1;
        Entry("TRAILER!!!", 0, [], 0, 0);
        Pad(512);
    }

    private string? Begin(string path)
    {
        string name = Name(path);
        if (!_written.Add(name))
            return null;
        Directory(Parent(name));
        return name;
    }

    private void Entry(string name, int mode, ReadOnlySpan<byte> content, int major, int minor)
    {
        byte[] nameBytes = Encoding.UTF8.GetBytes(name + "\0");
        _inode++;
        var header = new StringBuilder("070701", 110);
        // inode, mode, uid, gid, links, mtime, size, device major and minor, node major and minor, name length, check
        foreach (int field in (ReadOnlySpan<int>)[_inode, mode, 0, 0, 1, 0, content.Length, 0, 0, major, minor, nameBytes.Length, 0])
            header.Append(field.ToString("x8", CultureInfo.InvariantCulture));
        Write(Encoding.ASCII.GetBytes(header.ToString()));
        Write(nameBytes);
        Pad(4);
        Write(content);
        Pad(4);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        output.Write(bytes);
        _position += bytes.Length;
    }

    private void Pad(int multiple)
    {
        int rest = (int)(_position % multiple);
        if (rest != 0)
            Write(new byte[multiple - rest]);
    }

    private static string Name(string path) => path.Trim('/');

    private static string Parent(string name)
    {
        int slash = name.LastIndexOf('/');
        return slash < 0 ? "" : name[..slash];
    }
}
