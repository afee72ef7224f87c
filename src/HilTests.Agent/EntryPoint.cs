namespace HilTests.Agent;

internal static class EntryPoint
{
    private static int Main() => 0;
}
