namespace HilTests.Core.Predictions;

/// <summary>How binding a rule is; a SHOULD alone never makes a verdict "diverges".</summary>
public enum Severity
{
    Must,
    Should,
}

/// <summary>A rule that a prediction rests on.</summary>
/// <param name="Id">stable name, e.g. <c>vhost.tx.used-order</c>; a page in docs/rules lists them</param>
/// <param name="Reference">where it is written: a section of the virtio specification, or a kernel file and function</param>
/// <param name="Text">the rule in one sentence</param>
/// <param name="Severity">MUST or SHOULD</param>
public sealed record Rule(string Id, string Reference, string Text, Severity Severity = Severity.Must)
{
    /// <inheritdoc/>
    public override string ToString() => Id;
}
