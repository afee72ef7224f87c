namespace HilTests.Core.Programs;

/// <summary>A device's name and the steps its programs may contain.</summary>
public sealed class DeviceVocabulary
{
    private readonly Dictionary<string, StepSyntax> _byName;
    private readonly Dictionary<Type, StepSyntax> _byType;

    /// <param name="device">the word after <c>device</c> in a program's head</param>
    /// <param name="steps">every kind of step, names unique</param>
    public DeviceVocabulary(string device, params IReadOnlyList<StepSyntax> steps)
    {
        Device = device;
        Steps = steps;
        _byName = steps.ToDictionary(s => s.Name);
        _byType = steps.ToDictionary(s => s.StepType);
    }

    public string Device { get; }

    public IReadOnlyList<StepSyntax> Steps { get; }

    public StepSyntax? Find(string name) => _byName.GetValueOrDefault(name);

    /// <exception cref="ArgumentException">when the step belongs to another device</exception>
    public StepSyntax SyntaxOf(Step step) => _byType.TryGetValue(step.GetType(), out var syntax)
        ? syntax
        : throw new ArgumentException($"{step.GetType().Name} is not a step of {Device}", nameof(step));
}
