! SPDX-License-Identifier: BSD-3-Clause
!
! A toy atmosphere: temperature and humidity on levels from the ground up, in columns from the south to the north pole.
! Its physics is what a host model would compute column by column; its dynamics only mixes neighbouring columns.
module atmosphere
    use, intrinsic :: iso_fortran_env, only: real64
    implicit none
    integer, parameter :: n_levels = 20, n_columns = 48
    real(real64), parameter :: pi = acos(-1.0_real64), day = 86400
    real(real64), parameter :: kappa = 2.0_real64 / 7, latent_heat_over_cp = 2.5e6_real64 / 1004

contains

    ! Pressure over that at the ground, at the middle of a level.
    elemental real(real64) function sigma_of(level)
        integer, intent(in) :: level
        sigma_of = 1 - (level - 0.5_real64) / n_levels * 0.95_real64
    end function sigma_of

    elemental real(real64) function sine_of_latitude(column)
        integer, intent(in) :: column
        sine_of_latitude = sin(pi * ((column - 0.5_real64) / n_columns - 0.5_real64))
    end function sine_of_latitude

    ! The temperature of radiative equilibrium, K (Held and Suarez, Bull. Amer. Meteor. Soc. 75 (1994) 1825).
    elemental real(real64) function equilibrium(sigma, sine_squared)
        real(real64), intent(in) :: sigma, sine_squared
        equilibrium = max(200.0_real64, (315 - 60 * sine_squared - 10 * log(sigma) * (1 - sine_squared)) * sigma**kappa)
    end function equilibrium

    ! Specific humidity at saturation, kg/kg, with 1000 hPa at the ground (Bolton, Mon. Wea. Rev. 108 (1980) 1046).
    elemental real(real64) function saturation(temperature, sigma)
        real(real64), intent(in) :: temperature, sigma
        real(real64) :: celsius, vapour_pressure
        celsius = temperature - 273.15_real64
        vapour_pressure = 6.112_real64 * exp(17.67_real64 * celsius / (celsius + 243.5_real64))
        saturation = 0.622_real64 * vapour_pressure / (1000 * sigma)
    end function saturation

    ! The known physics: relaxation to radiative equilibrium in 40 days, near the ground in the tropics in 4, and of
    ! the relative humidity to 0.7 in half a day, by condensation and evaporation.  K/day and (kg/kg)/day.
    elemental subroutine physics(temperature, humidity, sigma, sine_squared, radiation, moistening)
        real(real64), intent(in) :: temperature, humidity, sigma, sine_squared
        real(real64), intent(out) :: radiation, moistening
        real(real64) :: rate
        rate = 1 / 40.0_real64 + (1 / 4.0_real64 - 1 / 40.0_real64) * &
               max(0.0_real64, (sigma - 0.7_real64) / 0.3_real64) * (1 - sine_squared)**2
        radiation = rate * (equilibrium(sigma, sine_squared) - temperature)
        moistening = (0.7_real64 * saturation(temperature, sigma) - humidity) / 0.5_real64
    end subroutine physics

    ! One step in time: what condenses gives its heat to the air, whoever computed how much it is.
    elemental subroutine advance(temperature, humidity, radiation, moistening, time_step)
        real(real64), intent(inout) :: temperature, humidity
        real(real64), intent(in) :: radiation, moistening, time_step
        real(real64) :: gain
        gain = max(-humidity, time_step * moistening)
        humidity = humidity + gain
        temperature = temperature + time_step * radiation - latent_heat_over_cp * gain
    end subroutine advance

    ! The dynamics: mixing along the meridian.  c = D dt / dy**2.
    subroutine mix(field, c)
        real(real64), intent(inout) :: field(n_levels, n_columns)
        real(real64), intent(in) :: c
        real(real64) :: flux(n_levels, 0:n_columns)
        integer :: column
        flux(:, 0) = 0
        flux(:, n_columns) = 0
        do column = 1, n_columns - 1
            flux(:, column) = c * (field(:, column + 1) - field(:, column))
        end do
        do column = 1, n_columns
            field(:, column) = field(:, column) + flux(:, column) - flux(:, column - 1)
        end do
    end subroutine mix
end module atmosphere
