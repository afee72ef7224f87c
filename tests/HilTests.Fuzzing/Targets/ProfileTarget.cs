using System.Text;
using HilTests.Core.Kernel;
using HilTests.Core.Programs;
using HilTests.Core.Values;
using HilTests.Models;

namespace HilTests.Fuzzing.Targets;

/// <summary>The kernel's profile, and models that begin with it.</summary>
internal sealed class ProfileTarget : FuzzTarget
{
    private static readonly Program Nothing = new() { Name = "nothing", Device = "vhost-net", Steps = [] };

    public override string Name => "profile";

    public override int Share => 137;

    public override IReadOnlyList<byte[]> Corpus { get; } = SeedCorpus.Bytes(
    [
        "cpus=2 hz=250 page-size=4096 release=\"6.1.0-56-amd64\" vhost-features=0x33d008000 vhost-max-mem-regions=64 vhost-zerocopy=0",
        "a=[1 2 {b=h'0a0b' c=\"\\u001b\"}] hz=1000 release=6.12.1",
    ]);

    public override IReadOnlyList<string> Words { get; } = ["hz=", "release=", "vhost-features=", "vhost-max-mem-regions=", "[[[[[[[[", "{a={a={a=", "\"\\u12", "h'0"];

    public override void Feed(byte[] message)
    {
        KernelProfile profile;
        try
        {
            profile = KernelProfile.Parse(Encoding.UTF8.GetString(message).Trim());
        }
        catch (TextFormatException)
        {
            return;
        }
        if (!KernelProfile.Parse(profile.ToString()).Equals(profile)) throw new FuzzException("the profile does not read back equal");
        try
        {
            KnownBugs.Of(profile);
            foreach (var device in ModelRegistry.Devices) ModelRegistry.Get(device).Model.Begin(profile, Nothing);
        }
        catch (ProfileException)
        {
            // A fact is missing or cannot be: said so.
        }
    }
}
