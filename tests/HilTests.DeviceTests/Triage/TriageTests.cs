using System.Text.Json;
using HilTests.DeviceTests.Cli;
using HilTests.Lab;
using HilTests.Lab.Mutation;

namespace HilTests.DeviceTests.Triage;

/// <summary><c>hil triage</c> from the command line: a patch that breaks something, one that does not, and those that cannot be used.</summary>
[NonParallelizable]
public sealed class TriageTests
{
    private string _folder = "";

    private static string Mutants => MutantSet.Folder(SourceTree.Find());

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateDirectory(Path.Combine(TestContext.CurrentContext.WorkDirectory, "triage", $"{Guid.NewGuid():N}")).FullName;

    [Test, CancelAfter(600_000)]
    public async Task A_patch_that_breaks_a_rule_is_told_from_stock(CancellationToken cancellation)
    {
        var said = await TriageAsync([Path.Combine(Mutants, "vhost-net", "tx-used-length.patch"), "--shrink-time", "0"], cancellation);
        Assert.That(said.Code, Is.EqualTo(1), said.Errors);
        using var result = Read();
        var finding = result.RootElement.GetProperty("findings").EnumerateArray().First();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(finding.GetProperty("class").GetString(), Is.EqualTo("broken"));
            Assert.That(finding.GetProperty("rule").GetString(), Is.EqualTo("vhost.tx.used"));
            Assert.That(result.RootElement.GetProperty("patch").GetProperty("functions")[0].GetProperty("calls").GetInt64(), Is.Positive);
            Assert.That(result.RootElement.GetProperty("attempts")[0].GetProperty("stock").GetProperty("seen").GetInt32(), Is.Zero);
            Assert.That(Path.Combine(_folder, "out", "reply.txt"), Does.Exist);
            Assert.That(Path.Combine(_folder, "out", "reproducer.c"), Does.Exist);
        }
    }

    [Test, CancelAfter(600_000)]
    public async Task A_patch_that_changes_nothing_that_matters_conforms(CancellationToken cancellation)
    {
        var said = await TriageAsync([Path.Combine(Mutants, "vhost-net", "harmless", "signal-each.patch"), "--time", "3s"], cancellation);
        Assert.That(said.Code, Is.Zero, said.Output + said.Errors);
        using var result = Read();
        Assert.That(result.RootElement.GetProperty("verdict").GetString(), Is.EqualTo("conforms"));
        Assert.That(result.RootElement.GetProperty("patch").GetProperty("functions").EnumerateArray().Sum(f => f.GetProperty("calls").GetInt64()), Is.Positive);
    }

    /// <summary>What the Makefile's command would leave behind on the host, were it not in a sandbox.</summary>
    [Test, CancelAfter(600_000)]
    public async Task A_makefile_that_runs_a_command_reaches_nothing(CancellationToken cancellation)
    {
        var mark = Path.Combine(_folder, "mark");
        var patch = Path.Combine(_folder, "makefile.patch");
        await File.WriteAllTextAsync(patch, $"""
            --- a/drivers/vhost/Makefile
            +++ b/drivers/vhost/Makefile
            @@ -1,2 +1,4 @@
             # SPDX-License-Identifier: GPL-2.0
            +$(shell id -u > {mark}; id -u > /tmp/hil-makefile-mark; touch /hil-makefile-mark)
            +$(error stopped here by user $(shell id -u))
             obj-$(CONFIG_VHOST_NET) += vhost_net.o

            """, cancellation);
        var said = await TriageAsync([patch], cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(said.Code, Is.EqualTo(3), said.Errors);
            Assert.That(said.Output, Does.Contain("stopped here by user").And.Not.Contain("by user 0."));
            Assert.That(mark, Does.Not.Exist);
            Assert.That(File.Exists("/tmp/hil-makefile-mark"), Is.False);
            Assert.That(File.Exists("/hil-makefile-mark"), Is.False);
        }
    }

    private Task<HilOutcome> TriageAsync(string[] arguments, CancellationToken cancellation) =>
        HilProcess.RunAsync(_folder, cancellation, ["triage", .. arguments, "--json", "result.json", "--out", "out"]);

    private JsonDocument Read() => JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "result.json")));
}
