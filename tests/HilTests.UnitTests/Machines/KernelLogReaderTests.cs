using HilTests.Lab.Machines;

namespace HilTests.UnitTests.Machines;

public sealed class KernelLogReaderTests
{
    private const string Owner = "hil_effffffc_1a2_3b4c";

    [TestCase("4,339,5140900,-;WARNING: CPU: 1 PID: 33 at fs/f2fs/x.c:1\n SUBSYSTEM=x\n", "[    5.140900] WARNING: CPU: 1 PID: 33 at fs/f2fs/x.c:1")]
    [TestCase("0,1,123456789012,-,caller=T1;Kernel panic; really", "[123456.789012] Kernel panic; really")]
    [TestCase($"14,7,1000000,-;hil-agent {Owner}: program #3 x logged the lines above\n", "[    1.000000] hil-agent: program #3 x logged the lines above")]
    public void A_line_of_the_kernel_and_a_mark_of_the_agent_stand_on_the_console(string record, string line) =>
        Assert.That(KernelLogReader.Line(record, Owner), Is.EqualTo(line));

    [TestCase("5,339,5140900,-;F2FS-fs (loop0): Mounted", TestName = "a notice")]
    [TestCase("11,7,1000000,-;another program's error", TestName = "what another program wrote")]
    [TestCase("14,7,1000000,-;hil-agent hil_effffffc_9_9: program #3 x logged the lines above", TestName = "another agent's mark")]
    [TestCase("no record at all", TestName = "no record")]
    [TestCase(";", TestName = "no fields")]
    [TestCase("99999999999999999999,1,2,-;x", TestName = "a number too large")]
    public void Nothing_else_does(string record) => Assert.That(KernelLogReader.Line(record, Owner), Is.Null);
}
