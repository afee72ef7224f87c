using HilTests.Lab.Machines;

namespace HilTests.UnitTests.Machines;

public sealed class BootFailureTests
{
    [TestCase("[ 1.0] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)", "no agent that this kernel can start")]
    [TestCase("[ 1.0] Kernel panic - not syncing: No working init found.", "no agent that this kernel can start")]
    [TestCase("hil-agent: fatal: no such port", "gave up")]
    [TestCase("hil-agent: module-failed path=/lib/modules/virtio_console.ko errno=ENOEXEC", "modules of its channel did not load")]
    [TestCase(" \n", "console stayed empty")]
    public void A_console_tells_what_is_missing(string console, string expected) => Assert.That(BootFailure.Explain(console), Does.Contain(expected));

    [Test]
    public void A_console_that_does_not_tell_gets_no_guess() => Assert.That(BootFailure.Explain("[ 0.1] Linux version 6.1"), Is.Empty);
}
