using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet.Generating;

/// <summary>A chain that was written into a ring's table.</summary>
/// <param name="Head">its first descriptor</param>
/// <param name="Descriptors">all of the table's that it uses</param>
/// <param name="At">where its buffer begins</param>
/// <param name="Length">bytes of the buffer</param>
internal sealed record GeneratedChain(int Head, IReadOnlyList<int> Descriptors, long At, int Length)
{
    /// <summary>Steps that make it sound, where it is not.</summary>
    public IReadOnlyList<Step> Mend { get; init; } = [];

    /// <summary>The head that is offered instead of its own, where that is what is wrong.</summary>
    public int? WrongHead { get; init; }
}

/// <summary>A ring of a program that is being made: where it lies, and what the driver has put into it.</summary>
internal sealed class GeneratedRing(Ring ring, int num, long table, long avail, long used)
{
    private readonly Dictionary<ushort, GeneratedChain> _chains = [];

    public Ring Ring => ring;

    public int Index => (int)ring;

    public int Num => num;

    public long Table => table;

    public long Avail => avail;

    public long Used => used;

    /// <summary>The avail index that the driver published last.</summary>
    public ushort Published { get; set; }

    /// <summary>Whether a back end was attached to it by the program.</summary>
    public string? Backend { get; set; }

    /// <summary>The chain at an avail index, or null.</summary>
    public GeneratedChain? At(ushort position) => _chains.GetValueOrDefault(position);

    /// <summary>Notes a chain that is offered at the next index.</summary>
    public void Offered(GeneratedChain chain) => _chains[Published++] = chain;

    /// <summary>Descriptors that no chain uses which the device may still have to take.</summary>
    public List<int> Free(int pending)
    {
        var busy = new HashSet<int>();
        for (var i = 1; i <= Math.Min(pending, num); i++)
            if (At((ushort)(Published - i)) is { } chain) busy.UnionWith(chain.Descriptors);
        return [.. Enumerable.Range(0, num).Where(d => !busy.Contains(d))];
    }
}
