using HilTests.DeviceTests.Fixtures;

[assembly: MachinesAtOnce]

namespace HilTests.DeviceTests;

/// <summary>Switches the machines of the tests off when the last test has ended.</summary>
[SetUpFixture]
public sealed class LabShutdown
{
    [OneTimeTearDown]
    public ValueTask Close() => LabMachine.CloseAllAsync();
}
