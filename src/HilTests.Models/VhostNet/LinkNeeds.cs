using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Kernel;
using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.Models.VhostNet;

/// <summary>What programs about back ends need of the machine beside vhost-net.</summary>
internal static class LinkNeeds
{
    /// <summary>What the machine was found not to have, in words; null where nothing is missing. What could not be asked counts as there.</summary>
    public static string? Lacks(KernelProfile profile, Program program)
    {
        foreach (var step in program.Steps)
        {
            var missing = step switch
            {
                LoadModule when IsNo(profile, "vhost-reload") => "the module vhost_net cannot be loaded anew: it is this machine's own",
                Plug when IsNo(profile, "link-plug") => "there is no plug for network interfaces (module sch_plug)",
                MakeBackend { Outlet: Outlet.Queue } when IsNo(profile, "link-redirect") => "a tap's frames cannot be redirected (modules sch_ingress, cls_matchall, act_mirred)",
                MakeBackend { Kind: BackendKind.Macvtap } when IsNo(profile, "link-macvtap") => "there is no macvtap (module macvtap)",
                _ => null,
            };
            if (missing is not null) return missing;
        }
        return null;
    }

    private static bool IsNo(KernelProfile profile, string fact) => profile[fact] is SymbolValue { Word: "no" };
}
