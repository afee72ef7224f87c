using System.Reflection;
using FsCheck;
using FsCheck.Fluent;
using HilTests.Core.Devices;
using HilTests.Core.Programs;
using HilTests.UnitTests.Values;

namespace HilTests.UnitTests.Programs;

public sealed class ProgramTextTests
{
    private const int StepsOfEachKind = 60;

    public static IEnumerable<Type> StepTypes => typeof(Step).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Step)) && !t.IsAbstract);

    [TestCaseSource(nameof(StepTypes))]
    public void Every_step_has_a_syntax_and_reads_back_equal(Type type)
    {
        var vocabulary = Vocabularies().FirstOrDefault(v => v.Steps.Any(s => s.StepType == type));
        Assert.That(vocabulary, Is.Not.Null, $"{type.Name} has no StepSyntax in any device's vocabulary");
        var syntax = vocabulary!.Steps.Single(s => s.StepType == type);
        foreach (var step in AnyStep.Of(type).Sample(StepsOfEachKind))
        {
            var line = ProgramText.PrintStep(vocabulary.Device, step);
            Assert.That(line.Split(' ')[0], Is.EqualTo(syntax.Name));
            Assert.That(ProgramText.ParseStep(vocabulary, line), Is.EqualTo(step), line);
        }
    }

    [TestCaseSource(nameof(StepTypes))]
    public void Every_argument_of_a_step_is_in_its_text(Type type)
    {
        var vocabulary = Vocabularies().First(v => v.Steps.Any(s => s.StepType == type));
        var texts = new Dictionary<string, Step>();
        foreach (var step in AnyStep.Of(type).Sample(StepsOfEachKind))
        {
            var line = ProgramText.PrintStep(vocabulary.Device, step);
            if (!texts.TryAdd(line, step)) Assert.That(step, Is.EqualTo(texts[line]), $"two different steps print as '{line}'");
        }
    }

    [Test]
    public void Every_step_says_what_it_does() =>
        Assert.That(Vocabularies().SelectMany(v => v.Steps).Where(s => s.Summary.Length < 5).Select(s => s.Name), Is.Empty);

    [FsCheck.NUnit.Property(MaxTest = 200)]
    public Property A_program_reads_back_equal() => Prop.ForAll(Programs().ToArbitrary(), program =>
        ProgramText.Parse(ProgramText.Print(program)).Equals(program));

    [FsCheck.NUnit.Property(MaxTest = 50)]
    public Property Comments_blank_lines_and_line_ends_do_not_matter() => Prop.ForAll(Programs().ToArbitrary(), program =>
    {
        var text = "# first\r\n\r\n" + ProgramText.Print(program).Replace("\n", " \r\n# remark\n\n");
        return ProgramText.Parse(text).Equals(program);
    });

    /// <summary>Programs of any device that has steps.</summary>
    public static Gen<Program> Programs() =>
        from vocabulary in Gen.Elements(Vocabularies().Where(v => v.Steps.Count > 0).ToArray())
        from steps in Gen.OneOf(vocabulary.Steps.Select(s => AnyStep.Of(s.StepType)).ToArray()).ArrayOf()
        from name in AnyValue.Words
        from about in AnyValue.Texts
        from seed in AnyValue.Numbers
        from bits in Gen.Choose(0, 3)
        select new Program
        {
            Name = name,
            Device = vocabulary.Device,
            About = (bits & 1) == 0 ? null : about,
            Seed = (bits & 2) == 0 ? null : unchecked((ulong)seed),
            Steps = [.. steps],
        };

    /// <summary>Every vocabulary that exists, registered or not.</summary>
    private static IEnumerable<DeviceVocabulary> Vocabularies() => typeof(DeviceVocabulary).Assembly.GetTypes()
        .SelectMany(t => t.GetProperties(BindingFlags.Public | BindingFlags.Static))
        .Where(p => p.PropertyType == typeof(DeviceVocabulary))
        .Select(p => (DeviceVocabulary)p.GetValue(null)!);

    [Test]
    public void Every_vocabulary_is_registered() =>
        Assert.That(Vocabularies().Select(v => v.Device), Is.EquivalentTo(DeviceRegistry.Names));
}
