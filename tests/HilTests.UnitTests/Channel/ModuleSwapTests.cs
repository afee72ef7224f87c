using System.Text;
using HilTests.Core.Channel;
using HilTests.Lab.Images;
using HilTests.Lab.Machines;

namespace HilTests.UnitTests.Channel;

/// <summary>What travels for a swap of modules, and the order they are inserted in.</summary>
public sealed class ModuleSwapTests
{
    [Test]
    public void A_request_reads_back_as_it_was_written()
    {
        var swap = new ModuleSwap([new SwappedModule("vhost", new byte[] { 1, 10, 0 }), new SwappedModule("vhost_net", default)]);
        var read = ModuleSwap.Parse(swap.Encode());
        Assert.That(read.Modules.Select(m => (m.Name, Convert.ToHexString(m.Content.Span))), Is.EqualTo(new[] { ("vhost", "010A00"), ("vhost_net", "") }));
    }

    [TestCase("vhost 3\n", "without the empty line")]
    [TestCase("vhost 3\n\nab", "says that vhost has 3 bytes, 2 are left")]
    [TestCase("vhost 1\n\nab", "1 bytes behind its last module")]
    [TestCase("../vhost 1\n\na", "is not NAME LENGTH")]
    [TestCase("vhost -1\n\na", "is not NAME LENGTH")]
    public void A_request_that_is_none_is_refused(string payload, string why) =>
        Assert.That(() => ModuleSwap.Parse(Encoding.ASCII.GetBytes(payload)), Throws.TypeOf<ChannelException>().With.Message.Contains(why));

    [TestCase("done")]
    [TestCase("restored insert vhost_net ENOEXEC vhost_net: version magic 'x' should be 'y'")]
    [TestCase("lost remove vhost EAGAIN")]
    public void An_answer_reads_back_as_it_was_written(string text) => Assert.That($"{SwapAnswer.Parse(text)}", Is.EqualTo(text));

    [TestCase("")]
    [TestCase("perhaps insert vhost EIO")]
    public void An_answer_that_is_none_is_refused(string text) => Assert.That(() => SwapAnswer.Parse(text), Throws.TypeOf<ChannelException>());

    [Test]
    public void What_others_need_is_inserted_first()
    {
        SwappedModule Module(string name, string needs) => new(name, Encoding.ASCII.GetBytes($"\u007fELF\0depends={needs}\0name={name}\0"));
        var sorted = ModuleOrder.Sorted([Module("vhost_net", "vhost,tap"), Module("vhost", "vhost-iotlb"), Module("vhost_iotlb", "")]);
        Assert.That(sorted.Select(m => m.Name), Is.EqualTo((string[])["vhost_iotlb", "vhost", "vhost_net"]));
    }

    [Test]
    public void A_module_given_twice_and_one_that_is_not_there_are_refused()
    {
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():N}.ko");
        File.WriteAllBytes(path, [1]);
        Assert.That(() => ModuleOrder.ReadAsync([new ModuleOverride("vhost-net", path), new ModuleOverride("vhost_net", path)], CancellationToken.None),
            Throws.TypeOf<HilTests.Lab.InfrastructureException>().With.Message.Contains("given twice"));
        Assert.That(() => ModuleOrder.ReadAsync([new ModuleOverride("vhost_net", path + "x")], CancellationToken.None),
            Throws.TypeOf<HilTests.Lab.InfrastructureException>().With.Message.Contains("cannot be read"));
    }
}
