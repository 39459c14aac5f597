using System.Reflection;
using System.Text.Json;
using OrleansBilling.Simulation.Kernel;
using OrleansBilling.Simulation.Workload;

namespace OrleansBilling.Simulation.Tests;

/// <summary>What is added to the contracts is in the worlds, or this fails.</summary>
public class WorkloadTests
{
    private static readonly Dictionary<Type, List<Command>> Made = Make();

    [Fact]
    public void Worlds_have_every_command_there_is() => Assert.Equal(
        typeof(Command).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Command)) && !t.IsAbstract).Select(t => t.Name).Order(StringComparer.Ordinal),
        Made.Keys.Select(t => t.Name).Order(StringComparer.Ordinal), StringComparer.Ordinal);

    [Fact]
    public void Commands_differ_in_everything_that_can_be_said_in_them()
    {
        static bool Differ(PropertyInfo property, List<Command> commands) =>
            commands.Select(c => JsonSerializer.Serialize(property.GetValue(c), property.PropertyType)).Distinct(StringComparer.Ordinal).Skip(1).Any();

        // Request ids and who asks are the run's own.
        Assert.Empty(
            from made in Made
            from property in made.Key.GetProperties()
            where property.CanWrite && property.DeclaringType != typeof(Command) && !Differ(property, made.Value)
            select $"{made.Key.Name}.{property.Name}");
    }

    private static Dictionary<Type, List<Command>> Make()
    {
        CommandMaker maker = new(new SimRandom(1), () => 1_800_000_000 * Money.NanosPerUnit, Taste.Plain);
        Shelf shelf = new(GrainId.Account("a"));
        IEnumerable<Command> commands = Enumerable.Range(0, 60_000).SelectMany<int, Command>(i => i % 100 == 0 ? [maker.Next(shelf), maker.NextForKey()] : [maker.Next(shelf)]);
        return commands.GroupBy(c => c.GetType()).ToDictionary(g => g.Key, g => g.ToList());
    }
}
