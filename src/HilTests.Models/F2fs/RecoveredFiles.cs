using System.Collections.Immutable;
using HilTests.Core.Devices.F2fs;
using HilTests.Core.Predictions;
using HilTests.Core.Values;

namespace HilTests.Models.F2fs;

/// <summary>What may be read of a file after a power cut.</summary>
internal static class RecoveredFiles
{
    /// <summary>
    /// Claims about a file that is one of several images, block by block; an empty list says nothing of it. A block that some image
    /// lacks may be zero: its place may be kept without its content.
    /// </summary>
    public static IEnumerable<Claim> Of(ImmutableList<FileImage?> images)
    {
        var there = images.OfType<FileImage>().ToList();
        if (there.Count == images.Count && there.Count > 0) yield return F2fsModel.Ok(F2fsRules.Recovered);
        else yield return new Claim("errno", Allowed.OneOf(Value.Of(0), Value.Symbol("ENOENT")), F2fsRules.Recovered);
        if (there.Count == 0) yield break;
        var (least, most) = (there.Min(i => i.Length), there.Max(i => i.Length));
        var sure = there.Count == images.Count;
        yield return new Claim("length", Maybe(Allowed.Between(sure ? least : 0, most), !sure), F2fsRules.Recovered);
        for (long at = 0; at < most; at += FileContent.BlockSize)
        {
            var digests = Digests(there, at, most, sure).Select(Value.Hex);
            yield return new Claim($"blocks[{at / FileContent.BlockSize}]", Maybe(Allowed.OneOf(digests), !sure || at >= least), F2fsRules.Recovered);
        }
    }

    private static Allowed Maybe(Allowed allowed, bool absent) => absent ? new OrNothing(allowed) : allowed;

    private static IEnumerable<ulong> Digests(List<FileImage> images, long at, long most, bool sure)
    {
        var ends = images.Select(i => i.Length).Where(l => l > at && l < at + FileContent.BlockSize).Append(Math.Min(most, at + FileContent.BlockSize)).Distinct().ToList();
        foreach (var end in ends)
        {
            foreach (var image in images) yield return image.Digest(at, end);
            if (!sure || images.Any(i => i.Length <= at)) yield return FileImage.Empty.Digest(at, end);
        }
    }

    private sealed record OrNothing(Allowed Inner) : Allowed
    {
        public override bool Admits(Value? value) => value is null || Inner.Admits(value);

        public override string ToString() => $"{Inner} or nothing";
    }
}
