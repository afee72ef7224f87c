using FsCheck.Fluent;
using HilTests.Core;
using HilTests.Core.Kernel;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Core.Values;
using HilTests.UnitTests.Traces;

namespace HilTests.UnitTests.Programs;

/// <summary>Whatever a file holds, reading it gives a result or a TextFormatException.</summary>
public sealed class HostileTextTests
{
    private const int Mutations = 10_000;
    private const string Alphabet = "\0\t\n\r \"#'+-./0129:=@[\\]_abehilnopstux{|}\u0085\u2028\ud800\uffff";

    [TestCase(11UL)]
    public void Mutated_programs_are_read_or_refused(ulong seed)
    {
        var texts = ProgramTextTests.Programs().Sample(60).Select(ProgramText.Print).ToArray();
        Assert.That(Try(texts, new Seed(seed), text => ProgramText.Parse(text)), Is.GreaterThan(Mutations / 3));
    }

    [TestCase(12UL)]
    public void Mutated_traces_are_read_or_refused(ulong seed)
    {
        var texts = AnyTrace.Any().Generator.Sample(60).Select(TraceText.Print).ToArray();
        Assert.That(Try(texts, new Seed(seed), text => TraceText.Parse(text)), Is.GreaterThan(Mutations / 4));
    }

    [TestCase(13UL)]
    public void Garbage_is_refused(ulong seed)
    {
        var source = new Seed(seed);
        string[] starts = ["", "hil-program 1\n", "hil-program 1\ndevice vhost-net\nopen\n", "hil-trace 1\ndevice vhost-net\nprofile a=1\n1: open\n"];
        var refused = 0;
        for (var i = 0; i < Mutations; i++)
        {
            var text = source.Pick<string>(starts) + Garbage(source, source.Between(1, 60));
            refused += Refuses(() => ProgramText.Parse(text)) + Refuses(() => TraceText.Parse(text))
                + Refuses(() => ValueText.Parse(text)) + Refuses(() => KernelProfile.Parse(text));
        }
        Assert.That(refused, Is.GreaterThan(3 * Mutations));
    }

    /// <summary>How many of the mutated texts were refused.</summary>
    private static int Try(string[] texts, Seed seed, Action<string> read)
    {
        var refused = 0;
        for (var i = 0; i < Mutations; i++)
        {
            var text = Mutate(texts[seed.Below(texts.Length)], seed);
            refused += Refuses(() => read(text));
        }
        return refused;
    }

    private static int Refuses(Action read)
    {
        try
        {
            read();
            return 0;
        }
        catch (TextFormatException)
        {
            return 1;
        }
    }

    private static string Mutate(string text, Seed seed)
    {
        for (var edits = seed.Between(1, 3); edits > 0 && text.Length > 1; edits--)
        {
            var at = seed.Below(text.Length);
            var length = Math.Min(seed.Between(1, 12), text.Length - at);
            text = seed.Below(5) switch
            {
                0 => text.Remove(at, length),
                1 => text.Insert(at, Garbage(seed, seed.Between(1, 4))),
                2 => text.Insert(seed.Below(text.Length), text.Substring(at, length)),
                3 => text[..at],
                _ => text[..at] + Garbage(seed, 1) + text[(at + 1)..],
            };
        }
        return text;
    }

    private static string Garbage(Seed seed, int length) =>
        string.Create(length, seed, static (span, source) =>
        {
            foreach (ref var c in span) c = source.OneIn(10) ? (char)source.Below(65536) : Alphabet[source.Below(Alphabet.Length)];
        });
}
