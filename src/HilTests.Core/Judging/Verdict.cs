namespace HilTests.Core.Judging;

/// <summary>
/// What a trace says about the kernel. A lost VM or a failed build is never a verdict; it is an infrastructure
/// error, an exception of the lab.
/// </summary>
public abstract record Verdict
{
    /// <summary>The word in JSON and reports: "conforms", "diverges", "crashed", "hung", "inconclusive".</summary>
    public abstract string Word { get; }

    /// <summary>Every observation was in the model's set.</summary>
    public sealed record Conforms : Verdict
    {
        public override string Word => "conforms";
    }

    /// <summary>The first observation outside the model's set.</summary>
    public sealed record Diverges(Discrepancy Discrepancy) : Verdict
    {
        public override string Word => "diverges";
    }

    /// <summary>The kernel died; the title is made of what it printed.</summary>
    /// <param name="Title">e.g. <c>BUG: kernel NULL pointer dereference in handle_tx</c></param>
    /// <param name="Step">the step that was running, counted from 1; 0 where none was</param>
    public sealed record Crashed(string Title, int Step) : Verdict
    {
        public override string Word => "crashed";
    }

    /// <summary>A step did not come back.</summary>
    /// <param name="Step">counted from 1</param>
    /// <param name="Where">where it hangs, as far as the agent could tell</param>
    public sealed record Hung(int Step, string Where) : Verdict
    {
        public override string Word => "hung";
    }

    /// <summary>The trace cannot be judged.</summary>
    public sealed record Inconclusive(string Why) : Verdict
    {
        public override string Word => "inconclusive";
    }
}

/// <summary>The first wrong observation.</summary>
/// <param name="Step">counted from 1</param>
/// <param name="StepText">the step's line</param>
/// <param name="Field">the observed field</param>
/// <param name="Allowed">what the model admits</param>
/// <param name="Observed">what was seen</param>
/// <param name="Rule">the rule that is broken</param>
public sealed record Discrepancy(int Step, string StepText, string Field, string Allowed, string Observed, Predictions.Rule Rule)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"step {Step} ({StepText}): {Field} was {Observed}, allowed {Allowed}; rule {Rule.Id} ({Rule.Reference})";
}
