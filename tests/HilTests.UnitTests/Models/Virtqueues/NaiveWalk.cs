namespace HilTests.UnitTests.Models.Virtqueues;

/// <summary>
/// A second reading of a chain, byte by byte: lists the offset of every byte the device may read and write. Where the
/// chain is wrong it says so, and not why.
/// </summary>
internal sealed class NaiveWalk(byte[] memory, Func<ulong, bool, int?> translate, int table, int entries)
{
    private const int Limit = 1024;

    public List<int> Readable { get; } = [];

    public List<int> Writable { get; } = [];

    /// <summary>Which of the readable bytes begin a piece of their own.</summary>
    public HashSet<int> Pieces { get; } = [];

    /// <summary>The guest addresses of <see cref="Writable"/>.</summary>
    public List<ulong> WritableGuest { get; } = [];

    /// <summary>Stretches seen so far; one for each descriptor's run of bytes in one region.</summary>
    private int _runs;

    private bool _anyWritten;

    public bool Walk(int head)
    {
        var visited = 0;
        for (int? index = head; index is { } i;)
        {
            if (i >= entries || ++visited > entries) return false;
            var (address, length, flags, next) = Load(table + (16 * i));
            var sound = (flags & 4) != 0 ? Side(address, length) : Take(address, length, (flags & 2) != 0);
            if (!sound) return false;
            index = (flags & 1) != 0 ? next : null;
        }
        return true;
    }

    private bool Side(ulong address, uint length)
    {
        if (length % 16 != 0 || length / 16 > 65536) return false;
        var cells = new List<byte>();
        for (uint i = 0; i < length; i++)
        {
            if (translate(address + i, false) is not { } at) return false;
            cells.Add(memory[at]);
        }
        var raw = cells.ToArray();
        for (var i = 0; ; i++)
        {
            if (16 * i >= raw.Length) return false;
            var flags = BitConverter.ToUInt16(raw, (16 * i) + 12);
            if ((flags & 4) != 0) return false;
            if (!Take(BitConverter.ToUInt64(raw, 16 * i), BitConverter.ToUInt32(raw, (16 * i) + 8), (flags & 2) != 0)) return false;
            if ((flags & 1) == 0) return true;
        }
    }

    private bool Take(ulong address, uint length, bool write)
    {
        if (length > 0 && address > ulong.MaxValue - (length - 1)) return false;
        var at = new List<int>();
        for (uint i = 0; i < length; i++)
        {
            if (translate(address + i, write) is not { } offset) return false;
            if (i == 0 || offset != at[^1] + 1) _runs++;
            at.Add(offset);
        }
        if (_runs > Limit) return false;
        if (!write && _anyWritten) return false;
        _anyWritten |= write && length > 0;
        for (var i = 0; !write && i < at.Count; i++)
            if (i == 0 || at[i] != at[i - 1] + 1) Pieces.Add(Readable.Count + i);
        (write ? Writable : Readable).AddRange(at);
        if (write) WritableGuest.AddRange(Enumerable.Range(0, (int)length).Select(i => address + (ulong)i));
        return true;
    }

    private (ulong Address, uint Length, int Flags, int Next) Load(int at) =>
        (BitConverter.ToUInt64(memory, at), BitConverter.ToUInt32(memory, at + 8), BitConverter.ToUInt16(memory, at + 12), BitConverter.ToUInt16(memory, at + 14));
}
