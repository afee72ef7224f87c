using System.Collections.Immutable;
using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.Core.Shrinking;

/// <summary>Makes the arguments of steps simpler.</summary>
internal sealed class ArgumentSimplification(ShrinkWork work, DeviceVocabulary vocabulary)
{
    private readonly StepEdits _edits = new(vocabulary);

    /// <summary>A number that several steps share under one name (a ring's size, say) is made smaller in all of them at once.</summary>
    public async Task EverywhereAsync()
    {
        var shared = work.Steps
            .SelectMany(s => _edits.Arguments(s))
            .Where(a => a.Value is NumberValue { PrintHex: false, Number: not 0 })
            .CountBy(a => (a.Name, ((NumberValue)a.Value).Number))
            .Where(a => a.Value > 1)
            .Select(a => a.Key)
            .ToList();
        foreach (var (name, number) in shared)
        {
            var now = number;
            bool smaller;
            do
            {
                smaller = false;
                foreach (var lower in StepEdits.Lower(now))
                {
                    if (Replaced(name, now, lower) is not { } steps || !await work.TryAsync(steps).ConfigureAwait(false)) continue;
                    now = lower;
                    smaller = true;
                    break;
                }
            }
            while (smaller);
        }
    }

    /// <summary>Every argument of every step by itself: left out, shorter, simpler.</summary>
    public async Task OneByOneAsync()
    {
        for (var step = 0; step < work.Steps.Length; step++)
        {
            for (var argument = _edits.Arguments(work.Steps[step]).Length - 1; argument >= 0; argument--)
            {
                if (_edits.Without(work.Steps[step], argument) is { } without && await TryAsync(step, without).ConfigureAwait(false)) continue;
                while (await SimplifyAsync(step, argument).ConfigureAwait(false))
                {
                }
            }
        }
    }

    /// <summary>Numbers that half of them did not do for: the lowest that does, found by bisection.</summary>
    public async Task LowestAsync()
    {
        for (var step = 0; step < work.Steps.Length; step++)
        {
            for (var argument = 0; argument < _edits.Arguments(work.Steps[step]).Length; argument++)
            {
                if (_edits.Arguments(work.Steps[step])[argument].Value is not NumberValue { PrintHex: false, Number: > 3 and var number }) continue;
                var (no, yes) = (number / 2, number);
                while (yes - no > 1)
                {
                    var middle = no + ((yes - no) / 2);
                    if (_edits.With(work.Steps[step], argument, Value.Of(middle)) is { } lower && await TryAsync(step, lower).ConfigureAwait(false)) yes = middle;
                    else no = middle;
                }
            }
        }
    }

    private async Task<bool> SimplifyAsync(int step, int argument)
    {
        var arguments = _edits.Arguments(work.Steps[step]);
        // An optional argument may have gone with its value.
        if (argument >= arguments.Length) return false;
        var (name, value) = arguments[argument];
        foreach (var simpler in StepEdits.Simpler(name, value))
        {
            if (_edits.With(work.Steps[step], argument, simpler) is { } other && await TryAsync(step, other).ConfigureAwait(false)) return true;
        }
        return false;
    }

    private Task<bool> TryAsync(int step, Step other) => work.TryAsync(work.Steps.SetItem(step, other));

    private ImmutableArray<Step>? Replaced(string name, long number, long lower)
    {
        var steps = work.Steps.ToBuilder();
        var count = 0;
        for (var i = 0; i < steps.Count; i++)
        {
            var arguments = _edits.Arguments(steps[i]);
            for (var argument = 0; argument < arguments.Length; argument++)
            {
                if (arguments[argument] is not (var other, NumberValue { PrintHex: false } value) || other != name || value.Number != number) continue;
                if (_edits.With(steps[i], argument, Value.Of(lower)) is not { } changed) return null;
                steps[i] = changed;
                count++;
                // A number of no meaning may be left out in print.
                arguments = _edits.Arguments(changed);
            }
        }
        return count > 1 ? steps.ToImmutable() : null;
    }
}
