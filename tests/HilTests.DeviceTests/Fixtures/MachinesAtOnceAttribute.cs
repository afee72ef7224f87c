using HilTests.Lab.Machines;
using HilTests.Lab.Pool;
using NUnit.Framework.Internal;

namespace HilTests.DeviceTests.Fixtures;

/// <summary>
/// As many tests at once as this machine carries VMs; what <c>[assembly: LevelOfParallelism(N)]</c> says with a number
/// that is only known here. <c>NUnit.NumberOfTestWorkers</c> in a settings file goes before it.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class MachinesAtOnceAttribute() : PropertyAttribute(PropertyNames.LevelOfParallelism, MachineCapacity.OfThisHost(new MachineOptions()).Machines);
