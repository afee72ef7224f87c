using System.Collections.Immutable;
using HilTests.Core.Devices;
using HilTests.Core.Programs;

namespace HilTests.Core.Shrinking;

/// <summary>
/// Makes a program that shows something as small as it can within a stated time: steps are left out, many at first and
/// one at a time in the end (delta debugging: Zeller and Hildebrandt, TSE 2002), then arguments made simpler. It knows
/// the vocabulary, not the device: whether a candidate still shows it is asked of the caller.
/// </summary>
/// <param name="limit">how long it may take; what is asked then is given up, and the best so far is the outcome</param>
/// <param name="clock">measures it</param>
public sealed class ProgramShrinker(TimeSpan limit, TimeProvider? clock = null)
{
    /// <summary>Shrinks.</summary>
    /// <param name="program">shows it</param>
    /// <param name="wrongStep">the first wrong step, counted from 1: what stands behind it is left out first; 0 where it is not known</param>
    /// <param name="stillShows">whether a candidate shows the same; false where it cannot be judged. Asked once for each candidate</param>
    /// <param name="cancellation">stops it with an <see cref="OperationCanceledException"/></param>
    public async Task<ShrinkOutcome> ShrinkAsync(
        Program program, int wrongStep, Func<Program, CancellationToken, Task<bool>> stillShows, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(limit, clock ?? TimeProvider.System);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        var work = new ShrinkWork(program, stillShows, both.Token);
        try
        {
            if (wrongStep > 0 && wrongStep < program.Steps.Length) await work.TryAsync(program.Steps[..wrongStep]).ConfigureAwait(false);
            await ToTheEndAsync(work, DeviceRegistry.Get(program.Device)).ConfigureAwait(false);
            return new ShrinkOutcome(work.Best, work.Tried, Ended: true);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return new ShrinkOutcome(work.Best, work.Tried, Ended: false);
        }
    }

    /// <summary>Until a whole round makes nothing smaller. Each success takes something away, so the rounds end.</summary>
    private static async Task ToTheEndAsync(ShrinkWork work, DeviceVocabulary vocabulary)
    {
        var steps = new StepRemoval(work, vocabulary);
        var arguments = new ArgumentSimplification(work, vocabulary);
        await steps.GroupsAsync().ConfigureAwait(false);
        await steps.ChunksAsync().ConfigureAwait(false);
        while (true)
        {
            var before = work.Best.Steps;
            await arguments.EverywhereAsync().ConfigureAwait(false);
            await arguments.OneByOneAsync().ConfigureAwait(false);
            await arguments.LowestAsync().ConfigureAwait(false);
            await steps.ChunksAsync().ConfigureAwait(false);
            if (before.SequenceEqual(work.Best.Steps)) return;
        }
    }
}

/// <summary>The best program so far, and the question asked of each candidate.</summary>
internal sealed class ShrinkWork(Program program, Func<Program, CancellationToken, Task<bool>> stillShows, CancellationToken cancellation)
{
    private readonly HashSet<string> _asked = [ProgramText.Print(program)];

    public Program Best { get; private set; } = program;

    public ImmutableArray<Step> Steps => Best.Steps;

    public int Tried { get; private set; }

    /// <summary>Asks about a candidate that was not asked about before; one that shows it becomes the best.</summary>
    public async Task<bool> TryAsync(ImmutableArray<Step> steps)
    {
        cancellation.ThrowIfCancellationRequested();
        var candidate = Best with { Steps = steps };
        if (steps.IsEmpty || !_asked.Add(ProgramText.Print(candidate))) return false;
        Tried++;
        if (!await stillShows(candidate, cancellation).WaitAsync(cancellation).ConfigureAwait(false)) return false;
        Best = candidate;
        return true;
    }
}
