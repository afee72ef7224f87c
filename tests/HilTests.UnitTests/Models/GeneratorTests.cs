using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;
using HilTests.Models;

namespace HilTests.UnitTests.Models;

/// <summary>What every device's generator owes, whatever the seed.</summary>
public sealed class GeneratorTests
{
    private const int Seeds = 10;
    private const int ProgramsPerSeed = 150;

    private static IReadOnlyCollection<string> Devices => ModelRegistry.Devices;

    [TestCaseSource(nameof(Devices))]
    public void Every_seed_makes_programs_that_their_text_gives_back(string device)
    {
        var suite = ModelRegistry.Get(device);
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            var made = suite.Programs(seed * 7919, ProgramsPerSeed).Skip(suite.HandWritten.Count).ToList();
            Assert.That(made, Has.Count.EqualTo(ProgramsPerSeed));
            foreach (var program in made)
            {
                var text = ProgramText.Print(program);
                Assert.That(ProgramText.Print(ProgramText.Parse(text)), Is.EqualTo(text), $"seed {seed * 7919}");
            }
        }
    }

    [Test]
    public void What_is_held_is_let_go_before_anything_that_would_wait_for_it()
    {
        var suite = ModelRegistry.Get("vhost-net");
        var (held, lent) = (0, 0);
        foreach (var program in suite.Programs(4711, 600).Skip(suite.HandWritten.Count))
        {
            var plugged = false;
            foreach (var step in program.Steps)
            {
                if (step is Plug) held++;
                plugged = step switch { Plug => true, Unplug => false, _ => plugged };
                Assert.That(plugged && step is SetBackend or ResetOwner or Close, Is.False, program.Name);
            }
            if (program.Steps[0] is LoadModule { ZeroCopy: true }) lent++;
        }
        Assert.That((held, lent), Is.GreaterThan((20, 20)));
    }
}
