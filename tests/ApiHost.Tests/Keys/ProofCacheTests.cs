using System.Globalization;
using OrleansBilling.ApiHost.Keys;

namespace OrleansBilling.ApiHost.Tests.Keys;

public sealed class ProofCacheTests
{
    [Fact]
    public void What_is_used_stays_and_the_rest_is_forgotten_so_that_memory_is_bounded()
    {
        const int capacity = 100;
        ProofCache cache = new(capacity);
        KnownKey used = new("used", "acme", []);
        cache.Add(used);
        for (int i = 0; i < 10 * capacity; i++)
        {
            cache.Add(new KnownKey(i.ToString(CultureInfo.InvariantCulture), "acme", []));
            Assert.Same(used, cache.Find("used"));
        }

        int kept = Enumerable.Range(0, 10 * capacity).Count(i => cache.Find(i.ToString(CultureInfo.InvariantCulture)) is not null);
        Assert.InRange(kept, 1, capacity + 2);
        Assert.Null(cache.Find("never seen"));
    }
}
