using System.Text;
using HilTests.Core.Values;

namespace HilTests.Core.Programs;

/// <summary>The text form of one kind of step: its name and how its arguments are read and written.</summary>
public abstract class StepSyntax(string name, Type stepType, string summary)
{
    /// <summary>The word that begins the step's line, e.g. <c>set-vring-num</c>.</summary>
    public string Name { get; } = name;

    /// <summary>The step's record type.</summary>
    public Type StepType { get; } = stepType;

    /// <summary>One sentence for people.</summary>
    public string Summary { get; } = summary;

    internal abstract Step Read(StepArguments arguments);

    internal abstract IEnumerable<(string Name, Value Value)> Write(Step step);

    /// <summary>Makes the syntax of step <typeparamref name="T"/>.</summary>
    /// <param name="name">the word in the text form</param>
    /// <param name="summary">one sentence for people</param>
    /// <param name="read">makes the step from its arguments; asks for each by name</param>
    /// <param name="write">the arguments in the order they are printed; a null value is left out</param>
    public static StepSyntax For<T>(
        string name, string summary, Func<StepArguments, T> read, Func<T, IEnumerable<(string Name, Value? Value)>> write)
        where T : Step => new Typed<T>(name, summary, read, write);

    /// <summary>Makes the syntax of a step without arguments.</summary>
    public static StepSyntax For<T>(string name, string summary)
        where T : Step, new() => new Typed<T>(name, summary, static _ => new T(), static _ => []);

    private sealed class Typed<T>(
        string name, string summary, Func<StepArguments, T> read, Func<T, IEnumerable<(string Name, Value? Value)>> write)
        : StepSyntax(name, typeof(T), summary)
        where T : Step
    {
        internal override Step Read(StepArguments arguments) => read(arguments);

        internal override IEnumerable<(string Name, Value Value)> Write(Step step)
        {
            foreach (var (argument, value) in write((T)step))
                if (value is not null) yield return (argument, value);
        }
    }

    internal void Append(StringBuilder text, Step step)
    {
        text.Append(Name);
        var fields = Write(step).ToList();
        if (fields.Count == 0) return;
        text.Append(' ');
        ValueText.AppendFields(text, fields);
    }
}
