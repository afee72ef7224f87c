namespace HilTests.Uapi.Linux;

/// <summary>Flags of finit_module(2), from linux/module.h.</summary>
[Header("linux/module.h")]
public static class module_h
{
    public const int MODULE_INIT_IGNORE_MODVERSIONS = 1;
    public const int MODULE_INIT_IGNORE_VERMAGIC = 2;
    public const int MODULE_INIT_COMPRESSED_FILE = 4;
}
