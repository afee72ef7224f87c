using HilTests.Core.Kernel;
using HilTests.Core.Programs;

namespace HilTests.UnitTests.Kernel;

public sealed class KernelProfileTests
{
    private static readonly Program Plain = ProgramText.Parse("hil-program 1\nname a\ndevice f2fs\nmkfs\n");

    private static readonly Program Needing = ProgramText.Parse("hil-program 1\nname a\ndevice f2fs\nneeds f2fs-latency f2fs-iostat\nmkfs\n");

    [Test]
    public void A_program_on_a_kernel_without_its_device_is_told_so() =>
        Assert.That(KernelProfile.Parse("release=\"6.1\" f2fs=no").Lacks(Plain), Is.EqualTo("kernel 6.1 has no f2fs"));

    [Test]
    public void What_a_program_needs_is_looked_for_among_the_facts()
    {
        var profile = KernelProfile.Parse("release=\"5.10\" f2fs=yes f2fs-latency=no f2fs-iostat=yes");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(profile.Lacks(Needing), Is.EqualTo("kernel 5.10 has no f2fs-latency"));
            Assert.That(profile.Lacks(Plain), Is.Null);
        }
    }

    [Test]
    public void What_could_not_be_asked_counts_as_there() => Assert.That(KernelProfile.Parse("release=\"6.1\"").Lacks(Needing), Is.Null);

    [Test]
    public void Needs_are_kept_in_the_text_of_a_program()
    {
        Assert.That(Needing.Needs, Is.EqualTo(new[] { "f2fs-latency", "f2fs-iostat" }));
        Assert.That(ProgramText.Parse(ProgramText.Print(Needing)), Is.EqualTo(Needing).And.Not.EqualTo(Plain));
    }
}
