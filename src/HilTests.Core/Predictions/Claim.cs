namespace HilTests.Core.Predictions;

/// <summary>One statement about a step: this field's value lies in this set, because of this rule.</summary>
public sealed record Claim(string Field, Allowed Allowed, Rule Rule);
