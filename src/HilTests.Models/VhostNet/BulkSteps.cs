using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Values;
using HilTests.Models.Virtqueues;
using static HilTests.Models.VhostNet.Answers;

namespace HilTests.Models.VhostNet;

/// <summary>Steps about whole ranges of descriptors, buffers and frames.</summary>
internal static class BulkSteps
{
    /// <summary>The branches of the step, or null where it is none of these.</summary>
    public static IEnumerable<Branch<VhostNetState>>? Predict(VhostNetState state, Step step) => step switch
    {
        WriteDescs descs => [Silent(state with { Memory = Write(state.Memory, descs) })],
        WriteFrames frames => [Silent(state with { Memory = Write(state.Memory, frames) })],
        ReadFrames read => [ReadBack(state, read)],
        OfferRange offer => [Silent(DriverSteps.Put(state, offer.Ring, Enumerable.Range(0, offer.Count).Select(offer.Head)))],
        SendRange send => [Success(Enumerable.Range(0, send.Count).Aggregate(state,
            (now, i) => DriverSteps.Arrive(now, send.Backend, FrameContent.Make(send.Length + (i * send.Grow), send.Seed + (ulong)i))))],
        Drive drive => [Driving.Predict(state, drive)],
        _ => null,
    };

    /// <summary>What is wrong with the step in this state, or null.</summary>
    public static string? Fault(VhostNetState state, Step step) => step switch
    {
        WriteDescs descs => ProgramFaults.Outside(descs.Table + ((long)SplitRing.DescriptorSize * descs.First), (long)SplitRing.DescriptorSize * descs.Count),
        WriteFrames frames => ProgramFaults.Outside(frames.At, ((frames.Count - 1L) * frames.Stride) + frames.Length),
        ReadFrames read => ProgramFaults.Outside(read.At, ((read.Count - 1L) * read.Stride) + read.Length),
        OfferRange offer => ProgramFaults.Unmade(state, offer.Ring),
        Drive drive => ProgramFaults.Unmade(state, drive.Ring) ?? (drive.Window > drive.Cycle ? "a driver whose window is larger than its cycle offers a buffer twice" : null),
        SendRange send => ProgramFaults.Unmade(state, send.Backend) ?? ProgramFaults.Removed(state, send.Backend),
        _ => null,
    };

    private static MemoryImage Write(MemoryImage memory, WriteDescs step)
    {
        var bytes = new byte[SplitRing.DescriptorSize * step.Count];
        for (var i = 0; i < step.Count; i++)
        {
            var chained = step.Chain && i < step.Count - 1;
            var flags = chained ? step.Flags | DescriptorFlags.Next : step.Flags;
            DriverSteps.Encode(bytes.AsSpan(SplitRing.DescriptorSize * i), step.Addr + ((ulong)i * (ulong)step.Stride), step.Len, flags, chained ? step.First + i + 1 : 0);
        }
        return memory.Write((int)(step.Table + (SplitRing.DescriptorSize * step.First)), bytes);
    }

    private static MemoryImage Write(MemoryImage memory, WriteFrames step)
    {
        // One write of the whole stretch: what lies between the frames is what was there.
        var bytes = memory.Slice((int)step.At, ((step.Count - 1) * step.Stride) + step.Length);
        for (var i = 0; i < step.Count; i++) FrameContent.Make(step.Length, step.Seed + (ulong)i).CopyTo(bytes, i * step.Stride);
        return memory.Write((int)step.At, bytes);
    }

    private static Branch<VhostNetState> ReadBack(VhostNetState state, ReadFrames step)
    {
        var content = new List<Value>();
        for (var i = 0; i < step.Count; i++)
        {
            var at = step.At + ((long)i * step.Stride);
            if (DriverSteps.Unreadable(state, at, step.Length) is { } why) return CannotSay(state, why);
            content.Add(ContentValue.Of(state.Memory.Slice((int)at, step.Length)));
        }
        return new([new Claim("data", Allowed.Exactly(Value.List(content)), VhostNetRules.RxContent)], _ => state);
    }
}
