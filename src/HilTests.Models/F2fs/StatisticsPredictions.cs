using HilTests.Core.Devices.F2fs;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Values;
using HilTests.Models.F2fs.Following;

namespace HilTests.Models.F2fs;

/// <summary>The steps on sysfs and procfs.</summary>
internal static class StatisticsPredictions
{
    private static readonly ByteCounter[] AppCounters =
        [ByteCounter.AppBufferedWrite, ByteCounter.AppDirectWrite, ByteCounter.AppBufferedRead, ByteCounter.AppDirectRead];

    public static Branch<F2fsState> Of(F2fsState next, Step step) => step switch
    {
        _ when !next.Mounted => F2fsModel.Branch(next, F2fsModel.Fails("ENOENT", F2fsRules.Attributes)),
        IostatStep iostat => F2fsModel.Branch(Switched(next, iostat.Enable), F2fsModel.Ok(F2fsRules.Attributes)),
        IostatPeriodStep period => Attribute(next, "iostat_period_ms", period.Milliseconds.ToString()),
        SetAttributeStep set => Attribute(next, set.Name, set.Content),
        ReadAttributeStep get => Shown(next, get.Name),
        _ => F2fsModel.Branch(next, [F2fsModel.Ok(F2fsRules.Attributes), .. AppClaims(next)]),
    };

    /// <summary>What <c>iostat_info</c> says of the application's bytes.</summary>
    public static IEnumerable<Claim> AppClaims(F2fsState state)
    {
        if (!state.IostatEnabled)
        {
            yield return new Claim("counters", Allowed.Absent, F2fsRules.InfoOff);
            yield break;
        }
        foreach (var counter in AppCounters)
            yield return new Claim($"counters.{IostatText.NameOf(counter)}", Allowed.Between(state.AppLow[(int)counter], state.AppHigh[(int)counter]), F2fsRules.AppBytes);
        yield return new Claim($"counters.{IostatText.NameOf(ByteCounter.MappedWrite)}", Allowed.Between(state.Mapped.Low, state.Mapped.High), F2fsRules.AppBytes);
        yield return new Claim($"counters.{IostatText.NameOf(ByteCounter.Compressed)}", Allowed.Exactly(0), F2fsRules.AppBytes);
        if (!state.MappedIo) yield return new Claim($"counters.{IostatText.NameOf(ByteCounter.MappedRead)}", Allowed.Exactly(0), F2fsRules.AppBytes);
    }

    private static F2fsState Switched(F2fsState state, bool on)
    {
        var switched = state with { IostatEnabled = on, IostatFresh = state.IostatFresh && !on };
        if (!on) switched = switched with { AppLow = [0, 0, 0, 0], AppHigh = [0, 0, 0, 0], Mapped = default };
        return switched.WithEffect(new StepEffect.Enabled(on));
    }

    private static Branch<F2fsState> Attribute(F2fsState next, string name, string content)
    {
        if (AttributeRules.ErrnoOf(name, content, next) is not { } errno)
            return F2fsModel.Unjudged($"the model has no rule for the attribute {name}");
        var after = next;
        if (errno == "0" && name == "iostat_period_ms")
            after = (next with { Period = long.Parse(content.Trim()) }).WithEffect(new StepEffect.Period(long.Parse(content.Trim())));
        else if (errno == "0" && name == "iostat_enable") after = Switched(next, ulong.Parse(content.Trim()) != 0);
        else if (errno == "0") after = Set(next, name, ulong.Parse(content.Trim()));
        return F2fsModel.Branch(after, F2fsModel.Fails(errno, F2fsRules.Attributes));
    }

    private static F2fsState Set(F2fsState next, string name, ulong value)
    {
        var set = next with { Written = next.Written.SetItem(name, value) };
        return name switch
        {
            "max_small_discards" => set.WithEffect(new StepEffect.Limited()),
            "discard_granularity" => set.WithEffect(new StepEffect.Granular((long)value)),
            _ => set,
        };
    }

    private static Branch<F2fsState> Shown(F2fsState next, string name)
    {
        IReadOnlyList<string> contents = name switch
        {
            "iostat_period_ms" => [next.Period.ToString()],
            "iostat_enable" => [next.IostatEnabled ? "1" : "0"],
            _ => AttributeRules.Shown(name, next),
        };
        return contents.Count > 0
            ? F2fsModel.Branch(next, F2fsModel.Ok(F2fsRules.Attributes), new Claim("content", Allowed.OneOf(contents.Select(Value.Text)), F2fsRules.AttributeContent))
            : F2fsModel.Unjudged($"the model has no rule for the attribute {name}");
    }
}
