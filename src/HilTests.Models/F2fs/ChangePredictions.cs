using System.Collections.Immutable;
using HilTests.Core.Devices.F2fs;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Values;
using HilTests.Models.F2fs.Following;

namespace HilTests.Models.F2fs;

/// <summary>The steps that change files in other ways than write(2), that wait for discards and that cut the power.</summary>
internal static class ChangePredictions
{
    /// <summary>What F2FS_IOC_GARBAGE_COLLECT says where it finds nothing to clean, or was kept from it.</summary>
    private static readonly Allowed Collected = Allowed.OneOf(Value.Of(0), Value.Symbol("EAGAIN"), Value.Symbol("EBUSY"), Value.Symbol("ENODATA"));

    public static bool Knows(Step step) => step is WriteMappedStep or FdatasyncStep or CheckpointStep or FallocateStep or RenameStep or CollectStep
        or WriteAtomicStep or TrimBesideStep or DrainStep or CrashStep;

    public static Branch<F2fsState> Of(F2fsState next, Step step, DeclaredInputs inputs) => step switch
    {
        _ when !next.Mounted => F2fsModel.Branch(next, F2fsModel.Fails("ENODEV", F2fsRules.Files)),
        WriteMappedStep write => Mapped(next, write),
        FdatasyncStep fdatasync => FilePredictions.OnFile(next, fdatasync.File, _ => FilePredictions.Fsynced(next, fdatasync.File)),
        CheckpointStep when next.Paused is not null => F2fsModel.Branch(next, F2fsModel.Fails("EINVAL", F2fsRules.Paused)),
        CollectStep when next.Paused is not null => F2fsModel.Unjudged("garbage collection while checkpoints are paused is not modelled"),
        CheckpointStep => F2fsModel.Branch(Durability.Checkpointed(next with { TrimmedAll = false, FreedForGood = next.Freed }), F2fsModel.Ok(F2fsRules.Files)),
        FallocateStep change => FilePredictions.OnFile(next, change.File, file => Changed(next, change, file).State, file => Changed(next, change, file).Errno),
        RenameStep rename => FilePredictions.OnFile(next, rename.File, file => Renamed(next, rename, file)),
        CollectStep => F2fsModel.Branch(
            FilePredictions.Changed(next) with { Freed = 0, FreedForGood = 0, UnseenWrites = true }, new Claim("errno", Collected, F2fsRules.Files)),
        WriteAtomicStep write => next.Files.TryGetValue(write.File, out var file) ? Atomic(next, write, file) : F2fsModel.Branch(next, F2fsModel.Fails("ENOENT", F2fsRules.Files)),
        TrimBesideStep beside => Beside(next, beside),
        DrainStep => Drained(next, inputs),
        CrashStep when next.NoBarrier => F2fsModel.Unjudged("the mount let the disk lose what was synced: nobody knows what a power cut leaves"),
        CrashStep when next.Open.Count > 0 => F2fsModel.Unjudged("a second power cut, with files that the first one left open"),
        CrashStep => F2fsModel.Branch(Durability.Crashed(next).WithEffect(new StepEffect.Crashed()), F2fsModel.Ok(F2fsRules.Setup)),
        _ => throw new ArgumentException($"{step.GetType().Name} is no change of a file", nameof(step)),
    };

    private static Branch<F2fsState> Mapped(F2fsState next, WriteMappedStep write)
    {
        if (FilePredictions.TooFull(next, write.Length) is { } why) return F2fsModel.Unjudged(why);
        if (next.Open.ContainsKey(write.File)) return F2fsModel.Unjudged("the program writes to a file of which nobody knows what a power cut left");
        var image = next.Files.GetValueOrDefault(write.File, FileImage.Empty);
        // Each page is made writable once (f2fs_vm_page_mkwrite()), and once more where it is written back meanwhile, which needs an unlucky moment.
        // One that is in the cache and known to have a block does not count; one behind the file's end is not there yet.
        var (first, end) = (write.Offset / FileContent.BlockSize, Pages(write.Offset + write.Length));
        var (low, high) = (Math.Max(0, end - Math.Max(first, Pages(image.Length))) * FileContent.BlockSize, (end - first + Math.Max(1, (end - first) / 4)) * FileContent.BlockSize);
        var written = (FilePredictions.WithFile(next, write.File, image.Write(write.Offset, write.Length, write.Seed), write.Length) with { MappedIo = true })
            .WithMappedBytes(low, high)
            .WithEffect(new StepEffect.Bytes(ByteCounter.MappedWrite, low, high));
        return F2fsModel.Branch(written, F2fsModel.Ok(F2fsRules.Written), new Claim("written", Allowed.Exactly(write.Length), F2fsRules.Written));
    }

    private static long Pages(long bytes) => (bytes + FileContent.BlockSize - 1) / FileContent.BlockSize;

    private static (F2fsState State, string Errno) Changed(F2fsState next, FallocateStep change, FileImage file)
    {
        var aligned = change.Offset % FileContent.BlockSize == 0 && change.Length % FileContent.BlockSize == 0;
        var end = change.Offset + change.Length;
        FileImage? changed = change.Change switch
        {
            RangeChange.Reserve => file with { Length = Math.Max(file.Length, end) },
            RangeChange.ReserveKeep => file,
            RangeChange.Punch => file.Punch(change.Offset, change.Length),
            RangeChange.Zero => (file with { Length = Math.Max(file.Length, end) }).Punch(change.Offset, change.Length),
            RangeChange.Collapse => aligned && end < file.Length ? file.Collapse(change.Offset, change.Length) : null,
            _ => aligned && change.Offset < file.Length ? file.Insert(change.Offset, change.Length) : null,
        };
        return changed is null ? (next, "EINVAL") : (FilePredictions.WithFile(next, change.File, changed with { BytesOnDisk = 0 }, change.Length), "0");
    }

    private static F2fsState Renamed(F2fsState next, RenameStep rename, FileImage file)
    {
        if (rename.File == rename.To) return next;
        var changed = FilePredictions.Changed(next);
        return Durability.Unsure(
            changed with { Files = changed.Files.Remove(rename.File).SetItem(rename.To, file) }, rename.File, rename.To);
    }

    private static Branch<F2fsState> Atomic(F2fsState next, WriteAtomicStep write, FileImage file)
    {
        if (write.Offset + write.Length > file.Length || (write.Offset | (long)write.Length) % FileContent.BlockSize != 0)
            return F2fsModel.Unjudged("atomic writes are judged in whole blocks within the file");
        var after = write.Commit
            ? FilePredictions.Fsynced(FilePredictions.WithFile(next, write.File, file.Write(write.Offset, write.Length, write.Seed), write.Length), write.File)
            : Durability.Unsure(FilePredictions.Changed(next) with { Freed = 0, FreedForGood = 0 }, write.File);
        return F2fsModel.Branch(
            (after with { UnseenWrites = true }).WithAppBytes(ByteCounter.AppBufferedWrite, write.Length, write.Length)
                .WithEffect(new StepEffect.Bytes(ByteCounter.AppBufferedWrite, write.Length, write.Length)),
            F2fsModel.Ok(F2fsRules.Written), new Claim("written", Allowed.Exactly(write.Length), F2fsRules.Written));
    }

    private static Branch<F2fsState> Beside(F2fsState next, TrimBesideStep beside)
    {
        if (next.IostatEnabled) return F2fsModel.Unjudged("how much a thread wrote beside a trim is not followed: switch statistics off before");
        if (FilePredictions.TooFull(next, beside.Length) is { } why) return F2fsModel.Unjudged(why);
        var image = next.Files.GetValueOrDefault(beside.File, FileImage.Empty);
        var written = FilePredictions.WithFile(next, beside.File, image.Write(0, beside.Length, beside.Seed), beside.Length) with
        {
            Freed = 0,
            FreedForGood = 0,
            UnseenWrites = true,
        };
        return F2fsModel.Branch(
            Durability.Unsure(written, beside.File).WithEffect(new StepEffect.TrimmedBeside()), F2fsModel.Ok(F2fsRules.Written),
            new Claim("written", Allowed.Exactly(beside.Length), F2fsRules.Written), new Claim("trims", Allowed.Exactly(beside.Rounds), F2fsRules.TrimResult));
    }

    /// <summary>
    /// How soon the background is at it nobody promises: it sleeps up to a minute when a bio was under way at the moment that would have
    /// woken it. But where nothing is pending, all of it is done.
    /// </summary>
    private static Branch<F2fsState> Drained(F2fsState next, DeclaredInputs inputs) => F2fsModel.Branch(
        next.WithMap(inputs).WithEffect(new StepEffect.Drained(inputs.Number("pending", missing: 1) == 0)), F2fsModel.Ok(F2fsRules.Setup));
}
