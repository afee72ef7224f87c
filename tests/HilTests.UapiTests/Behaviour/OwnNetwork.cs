using System.Runtime.ExceptionServices;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.UapiTests.Behaviour;

/// <summary>
/// Runs a test in a network namespace of its own, so that nothing of it is seen outside or left behind: the namespace
/// ends with the last descriptor and the thread, also when the process is killed.
/// </summary>
internal static class OwnNetwork
{
    /// <summary>Runs <paramref name="test"/>; the test is ignored, with the reason, where namespaces are not allowed.</summary>
    public static void Run(Action test)
    {
        ExceptionDispatchInfo? failure = null;
        var context = NUnit.Framework.Internal.TestExecutionContext.CurrentContext;
        var thread = new Thread(() =>
        {
            try
            {
                context.EstablishExecutionEnvironment();
                var entered = Sys.Check(libc.unshare(sched_h.CLONE_NEWNET), "unshare");
                if (entered.Error is Errno.EPERM or Errno.EINVAL or Errno.ENOSYS)
                    Assert.Ignore($"no network namespace for this user ({entered.Error}); run as root to check this");

                entered.OrThrow("make a network namespace");
                test();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }
}
