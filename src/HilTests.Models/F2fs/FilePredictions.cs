using System.Collections.Immutable;
using HilTests.Core.Devices.F2fs;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Values;
using HilTests.Models.F2fs.Following;

namespace HilTests.Models.F2fs;

/// <summary>The steps on files.</summary>
internal static class FilePredictions
{
    /// <summary>Of the disk's bytes so many may be in files before a write may fail for want of room.</summary>
    private const double SafeShare = 0.4;

    public static Branch<F2fsState> Of(F2fsState next, Step step) => step switch
    {
        _ when !next.Mounted => F2fsModel.Branch(next, F2fsModel.Fails("ENODEV", F2fsRules.Files)),
        WriteStep write => Written(next, write.File, write.Offset, write.Length, write.Seed, ByteCounter.AppBufferedWrite),
        WriteDirectStep write => Written(next, write.File, write.Offset, write.Length, write.Seed, ByteCounter.AppDirectWrite),
        ReadStep read when next.Open.GetValueOrDefault(read.File) is { } images => Recovered(next, read, images),
        ReadStep read => Read(next, read),
        SyncStep => F2fsModel.Branch(Synced(next).WithEffect(new StepEffect.Checkpointed()), F2fsModel.Ok(F2fsRules.Files)),
        FsyncStep fsync => OnFile(next, fsync.File, _ => Fsynced(next, fsync.File)),
        WritebackStep writeback => OnFile(next, writeback.File, _ => next with { TrimmedAll = false }),
        DeleteStep delete when next.Open.ContainsKey(delete.File) => F2fsModel.Branch(
            Durability.Unsure(Changed(next) with { Open = next.Open.Remove(delete.File) }, delete.File),
            new Claim("errno", Allowed.OneOf(Value.Of(0), Value.Symbol("ENOENT")), F2fsRules.Files)),
        DeleteStep delete => OnFile(next, delete.File, file => Durability.Changed(
            Changed(next) with
            {
                Files = next.Files.Remove(delete.File),
                Freed = next.Freed + (file.BytesOnDisk / FileContent.BlockSize * FileContent.BlockSize),
            },
            delete.File, file, null)),
        TruncateStep truncate => OnFile(next, truncate.File, file => Durability.Changed(
            Changed(next) with { Files = next.Files.SetItem(truncate.File, file.Truncate(truncate.Length)) }, truncate.File, file, file.Truncate(truncate.Length))),
        _ => throw new ArgumentException($"{step.GetType().Name} is not a step on files", nameof(step)),
    };

    /// <summary>After a sync: what is in files is on disk, what is deleted can be trimmed.</summary>
    public static F2fsState Synced(F2fsState state) => Durability.AllSynced(state) with
    {
        Dirty = false,
        FreedForGood = state.Freed,
        TrimmedAll = false,
        Files = state.Files.ToImmutableSortedDictionary(f => f.Key, f => f.Value with { BytesOnDisk = WholeBlocks(f.Value) }),
    };

    /// <summary>After an fsync of the file.</summary>
    public static F2fsState Fsynced(F2fsState state, string file) => Durability.Synced(state with { TrimmedAll = false }, file);

    /// <summary>Something of the file system has changed.</summary>
    public static F2fsState Changed(F2fsState state) => state with { Dirty = true, TrimmedAll = false };

    /// <summary>Why nothing can be said of a write of that many bytes, or null.</summary>
    public static string? TooFull(F2fsState next, long length) => next.FileBytes + length > next.DiskBytes * SafeShare
        ? "the program fills the disk so far that a write may fail; use a larger disk"
        : null;

    /// <summary>After a change that gives the file new blocks.</summary>
    /// <param name="next">the state</param>
    /// <param name="file">its name</param>
    /// <param name="image">what it holds now</param>
    /// <param name="length">bytes that were written</param>
    public static F2fsState WithFile(F2fsState next, string file, FileImage image, long length)
    {
        // A new block may take the place of one that was freed, from then on it is in use again.
        var freed = Math.Max(0, next.Freed - FreshBytes(length));
        var changed = Changed(next) with { Files = next.Files.SetItem(file, image), Freed = freed, FreedForGood = Math.Min(freed, next.FreedForGood) };
        return Durability.Changed(changed, file, next.Files.GetValueOrDefault(file), image);
    }

    private static Branch<F2fsState> Written(F2fsState next, string file, long offset, int length, ulong seed, ByteCounter counter)
    {
        if (next.Open.ContainsKey(file)) return F2fsModel.Unjudged("the program writes to a file of which nobody knows what a power cut left");
        if (TooFull(next, length) is { } why) return F2fsModel.Unjudged(why);
        var image = next.Files.GetValueOrDefault(file, FileImage.Empty);
        var written = (WithFile(next, file, image.Write(offset, length, seed), length) with
        {
            UnseenWrites = next.UnseenWrites || counter == ByteCounter.AppDirectWrite,
        }).WithAppBytes(counter, length, length).WithEffect(new StepEffect.Bytes(counter, length, length));
        return F2fsModel.Branch(written, F2fsModel.Ok(F2fsRules.Written), new Claim("written", Allowed.Exactly(length), F2fsRules.Written));
    }

    private static Branch<F2fsState> Recovered(F2fsState next, ReadStep read, ImmutableList<FileImage?> images)
    {
        var counter = read.Direct ? ByteCounter.AppDirectRead : ByteCounter.AppBufferedRead;
        var most = images.OfType<FileImage>().Select(i => i.Length).DefaultIfEmpty(next.DiskBytes).Max() + FileContent.BlockSize;
        var after = (next with { TrimmedAll = false }).WithAppBytes(counter, 0, most).WithEffect(new StepEffect.Bytes(counter, 0, most));
        return F2fsModel.Branch(after, RecoveredFiles.Of(images));
    }

    private static Branch<F2fsState> Read(F2fsState next, ReadStep read)
    {
        if (!next.Files.TryGetValue(read.File, out var image)) return F2fsModel.Branch(next, F2fsModel.Fails("ENOENT", F2fsRules.Files));
        var counter = read.Direct ? ByteCounter.AppDirectRead : ByteCounter.AppBufferedRead;
        // A direct read counts the whole last block.
        var high = read.Direct ? (image.Length + FileContent.BlockSize - 1) / FileContent.BlockSize * FileContent.BlockSize : image.Length;
        var after = (next with { TrimmedAll = false }).WithAppBytes(counter, image.Length, high).WithEffect(new StepEffect.Bytes(counter, image.Length, high));
        var claims = new List<Claim> { F2fsModel.Ok(F2fsRules.Files), new("length", Allowed.Exactly(image.Length), F2fsRules.Length) };
        var index = 0;
        foreach (var digest in image.BlockDigests()) claims.Add(new Claim($"blocks[{index++}]", Allowed.Exactly(Value.Hex(digest)), F2fsRules.Content));
        return F2fsModel.Branch(after, claims);
    }

    /// <summary>A step on a file that is there; one that is not says ENOENT.</summary>
    public static Branch<F2fsState> OnFile(F2fsState next, string name, Func<FileImage, F2fsState> act, Func<FileImage, string>? errno = null)
    {
        if (next.Open.ContainsKey(name)) return F2fsModel.Unjudged("the program uses a file of which nobody knows what a power cut left");
        return next.Files.TryGetValue(name, out var file)
            ? F2fsModel.Branch(act(file), F2fsModel.Fails(errno?.Invoke(file) ?? "0", F2fsRules.Files))
            : F2fsModel.Branch(next, F2fsModel.Fails("ENOENT", F2fsRules.Files));
    }

    private static long FreshBytes(long length) => length + (64 * FileContent.BlockSize);

    /// <summary>Bytes that surely have blocks of their own: what was written once, without holes, beyond what fits into an inode.</summary>
    private static long WholeBlocks(FileImage file) =>
        file.Parts is [{ Offset: 0 } only] && only.Length == file.Length && file.Length >= 2 * FileContent.BlockSize ? file.Length : 0;
}
